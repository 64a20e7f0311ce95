/**
 * The parts of a regular expression as far as bounded matching needs them. Single characters and classes stay source
 * text: the engine's own `RegExp` tells what they match.
 */
export type PatternNode =
  | { readonly type: 'character'; readonly source: string }
  | { readonly type: 'assertion'; readonly kind: '^' | '$' | 'b' | 'B' }
  | { readonly type: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly type: 'choice'; readonly options: readonly PatternNode[] }
  | { readonly type: 'repeat'; readonly part: PatternNode; readonly min: number; readonly max: number }
  /** Look-around and back-references: not regular, so never matched in linear time. */
  | { readonly type: 'irregular'; readonly part: PatternNode | null }

/** Takes a pattern apart that `new RegExp(source, 'u')` accepts. */
export function parsePattern(source: string): PatternNode {
  return new PatternReader(source).choice()
}

const ESCAPE =
  /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|u\{[^}]*\}|x[0-9a-fA-F]{2}|[pP]\{[^}]*\}|c[A-Za-z]|.)/suy
const CLASS = /\[(?:\\.|[^\]\\])*\]/suy
const QUANTIFIER = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/uy
const GROUP = /\((?:\?(?:(<?[=!])|<[^>]*>|[a-z-]*:))?/uy
const BACK_REFERENCE = /\\(?:[1-9]\d*|k<[^>]*>)/uy
const ANY_CHARACTER = /[\s\S]/uy

class PatternReader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  choice(): PatternNode {
    const options = [this.#sequence()]
    while (this.#source[this.#at] === '|') {
      this.#at++
      options.push(this.#sequence())
    }
    return options.length === 1 ? options[0]! : { type: 'choice', options }
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = []
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at]!))
      parts.push(this.#quantified(this.#atom()))
    return { type: 'sequence', parts }
  }

  #quantified(part: PatternNode): PatternNode {
    const match = this.#take(QUANTIFIER)
    if (!match) return part
    const [, sign, low, comma, high] = match
    if (sign !== undefined) return { type: 'repeat', part, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity }
    const min = Number(low)
    return { type: 'repeat', part, min, max: comma === undefined ? min : high ? Number(high) : Infinity }
  }

  #atom(): PatternNode {
    const char = this.#source[this.#at]!
    if (char === '(') return this.#group()
    if (char === '[') return { type: 'character', source: this.#take(CLASS)![0] }
    if (char === '^' || char === '$') {
      this.#at++
      return { type: 'assertion', kind: char }
    }
    if (char === '\\') return this.#escape()
    return { type: 'character', source: this.#take(ANY_CHARACTER)![0] }
  }

  #escape(): PatternNode {
    if (this.#take(BACK_REFERENCE)) return { type: 'irregular', part: null }
    const [source] = this.#take(ESCAPE)!
    if (source === '\\b' || source === '\\B') return { type: 'assertion', kind: source === '\\b' ? 'b' : 'B' }
    return { type: 'character', source }
  }

  #group(): PatternNode {
    const opening = this.#take(GROUP)!
    const part = this.choice()
    this.#at++
    const modified = /^\(\?[a-z-]+:/.test(opening[0])
    return opening[1] === undefined && !modified ? part : { type: 'irregular', part }
  }

  #take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at
    const match = expression.exec(this.#source)
    if (match) this.#at = expression.lastIndex
    return match
  }
}
