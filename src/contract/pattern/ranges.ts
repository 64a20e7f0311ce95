/** First and last code point of each run, ascending. */
export type CodePointRanges = readonly (readonly [number, number])[]

const LAST_CODE_POINT = 0x10ffff
const cache = new Map<string, CodePointRanges>()
const CACHE_MAX = 200

/**
 * The code points that a character or class of a pattern (ECMA-262, flag `u`) matches: what engines with other tables
 * of Unicode, or other ideas of `\d`, can be given instead.
 *
 * @example codePointRanges('[a-c]') // [[97, 99]]
 */
export function codePointRanges(source: string): CodePointRanges {
  const alone = singleCharacter(source)
  if (alone !== null) return [[alone, alone]]
  const known = cache.get(source)
  if (known !== undefined) return known
  const expression = new RegExp(`^(?:${source})$`, 'u')
  const ranges: [number, number][] = []
  let last: [number, number] | null = null
  for (let point = 0; point <= LAST_CODE_POINT; point++) {
    if (!expression.test(String.fromCodePoint(point))) continue
    if (last !== null && last[1] === point - 1) last[1] = point
    else {
      last = [point, point]
      ranges.push(last)
    }
  }
  if (cache.size < CACHE_MAX) cache.set(source, ranges)
  return ranges
}

/** Spares the common case the walk over all of Unicode. */
function singleCharacter(source: string): number | null {
  const [, text] = /^\\?([^\\[\].\w])$/u.exec(source) ?? /^([\w\u{80}-\u{10FFFF}])$/u.exec(source) ?? []
  return text === undefined ? null : text.codePointAt(0)!
}
