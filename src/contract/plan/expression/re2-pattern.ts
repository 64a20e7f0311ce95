import { codePointRanges } from '../../pattern/ranges.ts'

/**
 * The pattern of a rule for RE2, which reads the same but for its own tables of Unicode: classes like `\p{Lu}` are
 * written out.
 */
export function re2Pattern(pattern: string): string {
  return pattern.replace(/\\[pP]\{\w+\}|\\.|\[(?:\\.|[^\]\\])*\]/gsu, (part) =>
    /\\[pP]\{/.test(part) ? `[${codePointRanges(part).flatMap(withoutSurrogates).map(range).join('')}]` : part,
  )
}

/** UTF-8, which RE2 reads, has none. */
function withoutSurrogates([first, last]: readonly [number, number]): readonly (readonly [number, number])[] {
  const before: readonly [number, number] = [first, Math.min(last, 0xd7ff)]
  const after: readonly [number, number] = [Math.max(first, 0xe000), last]
  return [before, after].filter(([low, high]) => low <= high)
}

function range([first, last]: readonly [number, number]): string {
  return first === last ? escaped(first) : `${escaped(first)}-${escaped(last)}`
}

function escaped(point: number): string {
  return `\\x{${point.toString(16).toUpperCase()}}`
}
