/**
 * Says an ECMA-262 pattern (`u` flag, unanchored) in the syntax of RE2, DuckDB's engine, such that both match the same
 * texts; `null` where that cannot be promised: look-around, back-references, Unicode properties (their tables differ
 * between engines), long repeats.
 *
 * @example re2Pattern('^\\d{3}.$') // '^[0-9]{3}[^\n\r\u2028\u2029]$' with its characters written as code points
 */
export function re2Pattern(pattern: string): string | null {
  try {
    return new Translator(pattern).translate()
  } catch (thrown) {
    if (thrown instanceof Untranslatable) return null
    throw thrown
  }
}

class Untranslatable extends Error {}

/** RE2 refuses counted repeats above 1,000, also where they multiply each other. */
const REPEATS_MAX = 1_000
const SPACES =
  '\\x{9}-\\x{d}\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}'
const SETS: Readonly<Record<string, string>> = { d: '0-9', w: '0-9A-Za-z_', s: SPACES }
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 }

class Translator {
  readonly #source: string
  #at = 0
  #repeats = 1

  constructor(source: string) {
    this.#source = source
  }

  translate(): string {
    let out = ''
    while (this.#at < this.#source.length) out += this.#token()
    return out
  }

  #token(): string {
    const char = this.#next()
    switch (char) {
      case '^':
      case '$':
      case '|':
      case ')':
      case '*':
      case '+':
      case '?':
        return char
      case '.':
        return '[^\\n\\r\\x{2028}\\x{2029}]'
      case '(':
        return this.#group()
      case '{':
        return this.#counted()
      case '[':
        return this.#class()
      case '\\':
        return this.#escape()
      default:
        return literal(char.codePointAt(0)!)
    }
  }

  #group(): string {
    if (this.#source[this.#at] !== '?') return '('
    if (this.#take(/\?:/y) || this.#take(/\?<[^=!][^>]*>/y)) return '(?:'
    throw new Untranslatable()
  }

  #counted(): string {
    const [text, low, high] = this.#take(/(\d+)(?:,(\d*))?\}/y) ?? []
    if (text === undefined) throw new Untranslatable()
    this.#repeats *= Math.max(1, Number(low), Number(high ?? 0))
    if (this.#repeats > REPEATS_MAX) throw new Untranslatable()
    return `{${text}`
  }

  #escape(): string {
    const char = this.#next()
    if (char === 'b' || char === 'B') return `\\${char}`
    if (Object.hasOwn(SETS, char)) return `[${SETS[char]}]`
    const lower = char.toLowerCase()
    if (char !== lower && Object.hasOwn(SETS, lower)) return `[^${SETS[lower]}]`
    return literal(this.#escaped(char))
  }

  /** The code point of an escape whose first character is `char`. */
  #escaped(char: string): number {
    if (Object.hasOwn(CONTROLS, char)) return CONTROLS[char]!
    if (char === 'c') return this.#next().codePointAt(0)! % 32
    if (char === 'x') return Number.parseInt(this.#take(/[0-9a-fA-F]{2}/y)![0], 16)
    if (char === 'u') return this.#unicode()
    if (/[A-Za-z0-9]/.test(char)) throw new Untranslatable()
    return char.codePointAt(0)!
  }

  #unicode(): number {
    const braced = this.#take(/\{([0-9a-fA-F]+)\}/y)
    if (braced) return Number.parseInt(braced[1]!, 16)
    const pair = this.#take(/([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/y)
    if (pair) return 0x10000 + ((Number.parseInt(pair[1]!, 16) - 0xd800) << 10) + Number.parseInt(pair[2]!, 16) - 0xdc00
    return Number.parseInt(this.#take(/[0-9a-fA-F]{4}/y)![0], 16)
  }

  #class(): string {
    const negated = this.#take(/\^/y) !== null
    let out = ''
    while (this.#source[this.#at] !== ']') out += this.#member()
    this.#at++
    if (out === '') throw new Untranslatable()
    return `[${negated ? '^' : ''}${out}]`
  }

  /** One character, one set, or a range of characters. */
  #member(): string {
    const low = this.#atom()
    if (this.#source[this.#at] !== '-' || this.#source[this.#at + 1] === ']') return low
    this.#at++
    return `${low}-${this.#atom()}`
  }

  #atom(): string {
    const char = this.#next()
    if (char !== '\\') return literal(char.codePointAt(0)!)
    const escaped = this.#next()
    if (escaped === 'b') return literal(8)
    if (Object.hasOwn(SETS, escaped)) return SETS[escaped]!
    return literal(this.#escaped(escaped))
  }

  #next(): string {
    const code = this.#source.codePointAt(this.#at)
    if (code === undefined) throw new Untranslatable()
    const char = String.fromCodePoint(code)
    this.#at += char.length
    return char
  }

  #take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at
    const match = expression.exec(this.#source)
    if (match) this.#at = expression.lastIndex
    return match
  }
}

/** Letters and digits stand for themselves; all else as a code point, so that nothing has a second meaning. */
function literal(codePoint: number): string {
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) throw new Untranslatable()
  const char = String.fromCodePoint(codePoint)
  return /[A-Za-z0-9]/.test(char) ? char : `\\x{${codePoint.toString(16)}}`
}
