def halfway(low: float, high: float) -> float:
    return (low + high) / 2
