/**
 * The candidate that `name` was most likely meant to be, as a hint to append to a message, or nothing when none is near.
 *
 * @example nearest('trian', ['train', 'evaluate']) // ' Did you mean "train"?'
 */
export function nearest(name: string, candidates: readonly string[]): string {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  if (best && best.distance <= Math.max(2, Math.floor(name.length / 3))) return ` Did you mean "${best.candidate}"?`
  return candidates.length > 0 ? ` Known: ${candidates.join(', ')}.` : ''
}

/** Levenshtein distance: insertions, deletions and replacements of one character. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1))
    }
    previous = current
  }
  return previous[b.length]!
}
