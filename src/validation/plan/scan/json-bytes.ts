/**
 * What the generated scanner calls. Each function reads from `at` and returns the index after what it has read, or −1
 * where it cannot vouch for the bytes: escaped, oddly spaced, or wrong. The caller then parses instead.
 */

const MONTH_DAYS = Uint8Array.of(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
/** Deeper unknown members are left to the parser. */
const DEPTH_MAX = 32
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a

/** The closing quote of a string whose first character stands at `at`: its index, or −1. */
export function stringEnd(bytes: Uint8Array, at: number): number {
  const length = bytes.length
  for (let end = at; end < length; end++) {
    const byte = bytes[end]!
    if (byte === QUOTE) return end
    if (byte < 0x20 || byte === 0x5c) return -1
    if (byte > 0x7e) {
      end = sequenceLast(bytes, end)
      if (end < 0) return -1
    }
  }
  return -1
}

/**
 * The index of the last byte of a UTF-8 sequence of two to four bytes, or −1 where it is none.
 * Source: The Unicode Standard, table 3-7, "Well-Formed UTF-8 Byte Sequences".
 */
export function sequenceLast(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!
  const second = bytes[at + 1]!
  if (first >= 0xc2 && first <= 0xdf) return isContinuation(second) ? at + 1 : -1
  if (first >= 0xe0 && first <= 0xef) {
    if (first === 0xe0 && second < 0xa0) return -1
    if (first === 0xed && second > 0x9f) return -1
    return isContinuation(second) && isContinuation(bytes[at + 2]!) ? at + 2 : -1
  }
  if (first < 0xf0 || first > 0xf4 || (first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return -1
  return isContinuation(second) && isContinuation(bytes[at + 2]!) && isContinuation(bytes[at + 3]!) ? at + 3 : -1
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte <= 0xbf
}

/** A number as JSON writes it. */
export function numberEnd(bytes: Uint8Array, at: number): number {
  const start = bytes[at] === 0x2d ? at + 1 : at
  const whole = bytes[start] === 0x30 ? start + 1 : digitsEnd(bytes, start)
  if (whole < 0) return -1
  const end = bytes[whole] === 0x2e ? digitsEnd(bytes, whole + 1) : whole
  if (end < 0 || (bytes[end] !== 0x65 && bytes[end] !== 0x45)) return end
  const sign = bytes[end + 1]
  return digitsEnd(bytes, sign === 0x2b || sign === 0x2d ? end + 2 : end + 1)
}

function digitsEnd(bytes: Uint8Array, at: number): number {
  let end = at
  while (end < bytes.length && bytes[end]! >= 0x30 && bytes[end]! <= 0x39) end++
  return end > at ? end : -1
}

/** Any JSON value. */
export function valueEnd(bytes: Uint8Array, at: number, depth = 0): number {
  const byte = bytes[at]!
  if (byte === QUOTE) {
    const end = stringEnd(bytes, at + 1)
    return end < 0 ? -1 : end + 1
  }
  if (byte === 0x7b || byte === 0x5b) return depth < DEPTH_MAX ? partsEnd(bytes, at, depth + 1) : -1
  if (byte === 0x6e) return isWord(bytes, at, 'null') ? at + 4 : -1
  if (byte === 0x74) return isWord(bytes, at, 'true') ? at + 4 : -1
  if (byte === 0x66) return isWord(bytes, at, 'false') ? at + 5 : -1
  return numberEnd(bytes, at)
}

function partsEnd(bytes: Uint8Array, at: number, depth: number): number {
  const object = bytes[at] === 0x7b
  const closing = object ? 0x7d : 0x5d
  let end = at + 1
  if (bytes[end] === closing) return end + 1
  for (;;) {
    const value = object ? nameEnd(bytes, end) : end
    end = value < 0 ? -1 : valueEnd(bytes, value, depth)
    if (end < 0) return -1
    if (bytes[end] === closing) return end + 1
    if (bytes[end] !== COMMA) return -1
    end += bytes[end + 1] === 0x20 ? 2 : 1
  }
}

/** A member's name with its colon: the index of its value. */
export function nameEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) return -1
  const quote = stringEnd(bytes, at + 1)
  if (quote < 0 || bytes[quote + 1] !== COLON) return -1
  return bytes[quote + 2] === 0x20 ? quote + 3 : quote + 2
}

function isWord(bytes: Uint8Array, at: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) return false
  return true
}

/** `YYYY-MM-DD`, a real day. */
export function dateEnd(bytes: Uint8Array, at: number): number {
  if (at + 10 > bytes.length || bytes[at + 4] !== 0x2d || bytes[at + 7] !== 0x2d) return -1
  const century = two(bytes, at)
  const year = two(bytes, at + 2)
  const month = two(bytes, at + 5)
  const day = two(bytes, at + 8)
  if (century < 0 || year < 0 || month < 1 || month > 12 || day < 1) return -1
  if (day <= MONTH_DAYS[month]!) return at + 10
  return day === 29 && month === 2 && (year === 0 ? century % 4 === 0 : year % 4 === 0) ? at + 10 : -1
}

/** `HH:MM:SS(.fraction)?`, hours to 23, seconds to 59. */
export function timeEnd(bytes: Uint8Array, at: number): number {
  if (at + 8 > bytes.length || bytes[at + 2] !== COLON || bytes[at + 5] !== COLON) return -1
  const hour = two(bytes, at)
  const minute = two(bytes, at + 3)
  const second = two(bytes, at + 6)
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1
  return bytes[at + 8] === 0x2e ? digitsEnd(bytes, at + 9) : at + 8
}

/** `YYYY-MM-DDTHH:MM:SS(.fraction)?(Z|±HH:MM)`. */
export function timestampEnd(bytes: Uint8Array, at: number): number {
  const day = dateEnd(bytes, at)
  if (day < 0 || bytes[day] !== 0x54) return -1
  const end = timeEnd(bytes, day + 1)
  if (end < 0) return -1
  const sign = bytes[end]
  if (sign === 0x5a) return end + 1
  if ((sign !== 0x2b && sign !== 0x2d) || bytes[end + 3] !== COLON || end + 6 > bytes.length) return -1
  const hour = two(bytes, end + 1)
  const minute = two(bytes, end + 4)
  return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 ? end + 6 : -1
}

/** The number of two digits, or a negative number. */
function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 48
  const ones = bytes[at + 1]! - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1_000
}

/** The text between two indexes. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')
}
