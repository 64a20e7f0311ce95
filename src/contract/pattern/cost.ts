import type { PatternNode } from './parse.ts'

/** Steps that matching one string may take in a backtracking engine: about 10 ms. */
const STEPS_MAX = 1_000_000
const LENGTH_MAX = 1_048_576

/**
 * The greatest length (a power of two) up to which a backtracking engine stays under a bounded number of steps,
 * whatever the string. An upper bound of the ways to match, times the length, times the places to begin at.
 */
export function safeLength(pattern: PatternNode): number {
  const anchored = isAnchored(pattern)
  let length = 1
  while (length < LENGTH_MAX && steps(pattern, length * 2, anchored) <= STEPS_MAX) length *= 2
  return length
}

function steps(pattern: PatternNode, length: number, anchored: boolean): number {
  return ways(pattern, length) * length * (anchored ? 1 : length)
}

/** How many ways an engine may try before it gives up on a string of this length, at one place to begin. */
function ways(node: PatternNode, length: number): number {
  switch (node.type) {
    case 'character':
    case 'assertion':
      return 1
    case 'sequence':
      return node.parts.reduce((product, part) => product * ways(part, length), 1)
    case 'choice':
      return node.options.reduce((sum, option) => sum + ways(option, length), 0)
    case 'irregular':
      return node.part === null ? 1 : ways(node.part, length)
    case 'repeat':
      return waysToRepeat(ways(node.part, length), node.min, Math.max(node.min, Math.min(node.max, length)))
  }
}

/** Σ ways^i for i from `min` to `max`. */
function waysToRepeat(each: number, min: number, max: number): number {
  return each === 1 ? max - min + 1 : (each ** (max + 1) - each ** min) / (each - 1)
}

/** True where a match can only begin at the start of the string. */
function isAnchored(node: PatternNode): boolean {
  if (node.type === 'assertion') return node.kind === '^'
  if (node.type === 'sequence') return node.parts.length > 0 && isAnchored(node.parts[0]!)
  return node.type === 'choice' && node.options.every(isAnchored)
}
