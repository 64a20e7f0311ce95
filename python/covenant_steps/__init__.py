"""What a Python step of a Covenant pipeline may use: where its inputs are and where its outputs go.

    import covenant_steps

    step = covenant_steps.load()
    table = duckdb.read_parquet(step.input("train"))
    ...
    open(step.output("model"), "wb").write(model_bytes)
    step.metric("auc", 0.71)
    step.done()

A step is called as ``python <script> <request.json>``. The request holds ``inputs`` (absolute paths, or values),
``params``, ``outputs`` (absolute paths to write), ``values`` (names of JSON outputs) and ``result`` (the file that
metrics and JSON outputs are written to). To try a step alone, write such a file by hand.

Only the standard library is used, so that any interpreter can import this.
"""

from __future__ import annotations

import json
import math
import os
import sys
from typing import Any

__all__ = ["Step", "StepError", "load"]


class StepError(Exception):
    """A step asked for something that its definition does not have."""


class Step:
    """The request of one execution, and what it reports."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.name: str = request["step"]
        self._request = request
        self._metrics: dict[str, float] = {}
        self._values: dict[str, Any] = {}

    def input(self, name: str) -> Any:
        """Absolute path of an input file, or the value of a JSON input; None for an alias that points to nothing."""
        return self._member("inputs", name)

    def param(self, name: str) -> Any:
        """Value of a parameter that the step declares."""
        return self._member("params", name)

    def output(self, name: str) -> str:
        """Absolute path that the output file ``name`` has to be written to."""
        return self._member("outputs", name)

    def value(self, name: str, content: Any) -> None:
        """Reports the JSON output ``name``."""
        if name not in self._request["values"]:
            raise StepError(f'step "{self.name}" declares no JSON output "{name}"; it has {self._request["values"]}')
        self._values[name] = content

    def metric(self, name: str, number: float) -> None:
        """Reports a metric of the run. It must be a finite number."""
        if not math.isfinite(number):
            raise StepError(f'metric "{name}" of step "{self.name}" is {number}, which is no number')
        self._metrics[name] = float(number)

    def done(self) -> None:
        """Writes metrics and JSON outputs. Call it last; a step that dies before leaves no half-written result."""
        result = self._request["result"]
        draft = f"{result}.draft"
        with open(draft, "w", encoding="utf-8") as file:
            json.dump({"metrics": self._metrics, "outputs": self._values}, file, allow_nan=False)
        os.replace(draft, result)

    def _member(self, group: str, name: str) -> Any:
        members = self._request[group]
        if name not in members:
            raise StepError(f'step "{self.name}" has no {group[:-1]} "{name}"; it has {sorted(members)}')
        return members[name]


def load(path: str | None = None) -> Step:
    """Reads the request that the step was started with (the first argument), or the one at ``path``."""
    if path is None:
        if len(sys.argv) < 2:
            raise SystemExit(f"Usage: python {sys.argv[0]} request.json")
        path = sys.argv[1]
    with open(path, encoding="utf-8") as file:
        return Step(json.load(file))
