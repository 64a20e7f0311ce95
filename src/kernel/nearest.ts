/**
 * The candidate that `name` was most likely meant to be, or `null` when none is near. Case does not count;
 * a neighbouring pair that was swapped counts as one slip.
 *
 * @example nearest('logicalTyp', ['logicalType', 'physicalType']) // 'logicalType'
 */
export function nearest(name: string, candidates: readonly string[]): string | null {
  const lower = name.slice(0, 64).toLowerCase()
  const limit = Math.max(1, Math.min(3, Math.floor(lower.length / 3)))
  let best: string | null = null
  let bestDistance = limit + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - lower.length) > limit) continue
    const distance = editDistance(lower, candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** @example didYouMean('array') // ' Did you mean "array"?', and nothing for `null` */
export function didYouMean(guess: string | null): string {
  return guess === null ? '' : ` Did you mean "${guess}"?`
}

/**
 * A hint to append to a message about an unknown name: the candidate that was likely meant, else what there is, else
 * nothing.
 *
 * @example nameHint('trian', ['train', 'evaluate']) // ' Did you mean "train"?'
 * @example nameHint('deploy', ['train', 'evaluate']) // ' Known: train, evaluate.'
 */
export function nameHint(name: string, candidates: readonly string[]): string {
  const guess = nearest(name, candidates)
  if (guess !== null || candidates.length === 0) return didYouMean(guess)
  return ` Known: ${candidates.join(', ')}.`
}

/** Damerau–Levenshtein distance (optimal string alignment): insert, delete, replace, swap neighbours. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(previous[column - 1]! + (same ? 0 : 1), previous[column]! + 1, current[column - 1]! + 1)
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        cost = Math.min(cost, beforePrevious[column - 2]! + 1)
      current.push(cost)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.length]!
}
