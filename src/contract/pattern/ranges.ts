/** First and last code point of each run, ascending. */
export type CodePointRanges = readonly Range[]

type Range = readonly [number, number]

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
  const known = cache.get(source)
  if (known !== undefined) return known
  const ranges = readRanges(source) ?? triedRanges(source)
  if (cache.size < CACHE_MAX) cache.set(source, ranges)
  return ranges
}

/** Asks the engine about each code point: right of every class, and slow (30 ms). */
export function triedRanges(source: string): CodePointRanges {
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
  return ranges
}

const MEMBER =
  /\\(?:([dwsDWS])|([tnvfr0])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})(?!\\u)|u\{([0-9a-fA-F]+)\}|([\^$\\.*+?()[\]{}|/-]))|([^\\[\]])/suy
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 }
const SETS: Readonly<Record<string, CodePointRanges>> = {
  d: [[48, 57]],
  w: [
    [48, 57],
    [65, 90],
    [95, 95],
    [97, 122],
  ],
  s: [
    ...([
      [9, 13],
      [32, 32],
      [160, 160],
      [0x1680, 0x1680],
      [0x2000, 0x200a],
      [0x2028, 0x2029],
    ] as const),
    ...([
      [0x202f, 0x202f],
      [0x205f, 0x205f],
      [0x3000, 0x3000],
      [0xfeff, 0xfeff],
    ] as const),
  ],
}
const LINE_ENDS: CodePointRanges = [
  [10, 10],
  [13, 13],
  [0x2028, 0x2029],
]

/** Spares most patterns the walk over all of Unicode; `null` for what is not read here, as properties of Unicode. */
function readRanges(source: string): CodePointRanges | null {
  if (source === '.') return complement(LINE_ENDS)
  if (!source.startsWith('[')) return readMembers(source, 0, source.length)
  const negated = source[1] === '^'
  const members = readMembers(source, negated ? 2 : 1, source.length - 1)
  return members === null || !negated ? members : complement(members)
}

function readMembers(source: string, start: number, end: number): CodePointRanges | null {
  const ranges: Range[] = []
  let at = start
  const next = (): CodePointRanges | null => {
    MEMBER.lastIndex = at
    const match = MEMBER.exec(source)
    if (match === null || MEMBER.lastIndex > end) return null
    at = MEMBER.lastIndex
    return member(match)
  }
  while (at < end) {
    const low = next()
    if (low === null) return null
    if (source[at] !== '-' || at + 1 >= end) {
      ranges.push(...low)
      continue
    }
    at++
    const high = next()
    if (high === null || !isOne(low) || !isOne(high)) return null
    ranges.push([low[0]![0], high[0]![0]])
  }
  return merged(ranges)
}

function member([, set, control, hex, unicode, braced, escaped, plain]: RegExpExecArray): CodePointRanges {
  if (set !== undefined) return Object.hasOwn(SETS, set) ? SETS[set]! : complement(SETS[set.toLowerCase()]!)
  const digits = hex ?? unicode ?? braced
  const point =
    control !== undefined
      ? CONTROLS[control]!
      : digits !== undefined
        ? Number.parseInt(digits, 16)
        : (escaped ?? plain)!.codePointAt(0)!
  return [[point, point]]
}

function isOne(ranges: CodePointRanges): boolean {
  return ranges.length === 1 && ranges[0]![0] === ranges[0]![1]
}

function merged(ranges: CodePointRanges): CodePointRanges {
  const out: [number, number][] = []
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const before = out.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else out.push([first, last])
  }
  return out
}

function complement(ranges: CodePointRanges): CodePointRanges {
  const out: Range[] = []
  let next = 0
  for (const [first, last] of ranges) {
    if (first > next) out.push([next, first - 1])
    next = last + 1
  }
  return next > LAST_CODE_POINT ? out : [...out, [next, LAST_CODE_POINT]]
}
