/**
 * A few texts that match a regular expression, for witness documents. Works for what contracts use (literals, classes,
 * groups, alternatives, quantifiers, anchors); for anything else, such as look-around, it finds none. Each text was
 * tried against the expression itself.
 */
export function patternSamples(pattern: string, count = 12): readonly string[] {
  let expression: RegExp
  try {
    expression = new RegExp(pattern, 'u')
  } catch {
    return []
  }
  const node = new PatternReader(pattern).read()
  if (node === null) return []
  const samples = new Set<string>()
  for (let variant = 0; variant < count; variant++) {
    const text = node(variant)
    if (text.length <= MAX_LENGTH && expression.test(text)) samples.add(text)
  }
  return [...samples]
}

const MAX_LENGTH = 1_000

/** Writes the text of one variant; different variants take other alternatives, characters and counts. */
type Writer = (variant: number) => string

const CLASSES: ReadonlyMap<string, string> = new Map([
  ['d', '0123456789'],
  ['w', 'aZ0_b9'],
  ['s', ' \t'],
  ['D', 'xA-'],
  ['W', '- .'],
  ['S', 'xA0'],
])
const CONTROLS: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['f', '\f'],
  ['v', '\v'],
  ['0', '\0'],
])

class PatternReader {
  readonly #characters: readonly string[]
  #at = 0
  #failed = false

  constructor(pattern: string) {
    this.#characters = [...pattern]
  }

  read(): Writer | null {
    const writer = this.#alternatives()
    return this.#failed || this.#at < this.#characters.length ? null : writer
  }

  #peek(): string | undefined {
    return this.#characters[this.#at]
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at++
    return true
  }

  #alternatives(): Writer {
    const branches = [this.#sequence()]
    while (this.#take('|')) branches.push(this.#sequence())
    return (variant) => branches[variant % branches.length]!(Math.floor(variant / branches.length))
  }

  #sequence(): Writer {
    const parts: Writer[] = []
    while (!this.#failed) {
      const next = this.#peek()
      if (next === undefined || next === '|' || next === ')') break
      parts.push(this.#quantified(this.#atom()))
    }
    return (variant) => parts.map((part) => part(variant)).join('')
  }

  #atom(): Writer {
    const character = this.#characters[this.#at++]!
    if (character === '^' || character === '$') return () => ''
    if (character === '.') return choose(['x', 'A', '0', ' '])
    if (character === '(') return this.#group()
    if (character === '[') return choose(this.#characterClass())
    return character === '\\' ? choose(this.#escape()) : () => character
  }

  #group(): Writer {
    if (this.#take('?')) {
      if (this.#take('<') && !['=', '!'].includes(this.#peek() ?? ''))
        while (!this.#failed && !this.#take('>')) this.#skip()
      else if (!this.#take(':')) this.#failed = true
    }
    const inside = this.#alternatives()
    if (!this.#take(')')) this.#failed = true
    return inside
  }

  #skip(): void {
    if (this.#peek() === undefined) this.#failed = true
    this.#at++
  }

  #escape(): readonly string[] {
    const character = this.#characters[this.#at++]
    if (character === 'b' || character === 'B') return ['']
    if (character === undefined || 'pPkux123456789c'.includes(character)) {
      this.#failed = true
      return ['']
    }
    return [...(CLASSES.get(character) ?? CONTROLS.get(character) ?? character)]
  }

  #characterClass(): readonly string[] {
    const negated = this.#take('^')
    const members: string[] = []
    while (!this.#failed && !this.#take(']')) {
      if (this.#peek() === undefined) this.#failed = true
      else members.push(...this.#classRange())
    }
    if (!negated) return members.length > 0 ? members : ['']
    const others = [...'xA0 -_.z9'].filter((character) => !members.includes(character))
    return others.length > 0 ? others : ['\u4e00']
  }

  #classRange(): readonly string[] {
    const first = this.#classMember()
    if (first.length !== 1 || this.#peek() !== '-' || this.#characters[this.#at + 1] === ']') return first
    this.#at++
    const last = this.#classMember()
    const [low, high] = [first[0]!.codePointAt(0)!, (last[0] ?? first[0]!).codePointAt(0)!]
    const size = Math.min(high - low, 63)
    return [...Array.from({ length: size + 1 }, (_, index) => String.fromCodePoint(low + index)), ...last]
  }

  #classMember(): readonly string[] {
    const character = this.#characters[this.#at++]
    return character === '\\' ? this.#escape() : [character ?? '']
  }

  #quantified(writer: Writer): Writer {
    const [least, most] = this.#quantifier()
    if (least === 1 && most === 1) return writer
    const spread = Math.min(most, least + 3) - least + 1
    return (variant) => {
      const times = Math.min(least + (variant % spread), MAX_LENGTH)
      return Array.from({ length: times }, (_, index) => writer(variant + index)).join('')
    }
  }

  #quantifier(): readonly [number, number] {
    const bounds = this.#bounds()
    if (bounds !== null) this.#take('?')
    return bounds ?? [1, 1]
  }

  #bounds(): readonly [number, number] | null {
    if (this.#take('*')) return [0, Infinity]
    if (this.#take('+')) return [1, Infinity]
    if (this.#take('?')) return [0, 1]
    const [text, least, comma, most] =
      /^\{(\d+)(,?)(\d*)\}/.exec(this.#characters.slice(this.#at, this.#at + 24).join('')) ?? []
    if (text === undefined) return null
    this.#at += text.length
    if (comma === '') return [Number(least), Number(least)]
    return [Number(least), most === '' ? Infinity : Number(most)]
  }
}

function choose(options: readonly string[]): Writer {
  return (variant) => options[variant % options.length] ?? ''
}
