import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from 'yaml'
import type { Json } from '../../kernel/index.ts'
import type { ContractErrorCode } from '../errors.ts'
import type { Path } from '../problem.ts'

/** Contracts are small. The limits stop files that were made to exhaust memory or time, long before they do. */
const MAX_CHARACTERS = 1_000_000
const MAX_DEPTH = 40
/** Values after aliases are expanded. */
const MAX_VALUES = 20_000
const MAX_FAULTS = 200
/** Finding an anchor takes a walk through the whole text. */
const MAX_ALIASES = 100
const MAX_QUOTE = 200

export interface Position {
  /** 1-based. */
  readonly line: number
  /** 1-based. */
  readonly column: number
}

export interface YamlProblem extends Position {
  readonly code: ContractErrorCode
  readonly message: string
}

/** A YAML text as plain JSON, with the place of each value in the text. */
export interface YamlText {
  /** `undefined` where the text could not be read. */
  readonly value: Json | undefined
  readonly problems: readonly YamlProblem[]
  /** Where the value at `path` stands: its key in a mapping, else the value, else the nearest thing around it. */
  locate(path: Path): Position
}

/**
 * Reads YAML 1.2 (core schema, string keys) into JSON. Never throws: every fault is a problem, also in texts that were
 * made to harm.
 */
export function readYaml(text: string): YamlText {
  if (text.length > MAX_CHARACTERS)
    return unreadable('CONTRACT_YAML_LIMIT', `The file is longer than ${MAX_CHARACTERS} characters.`)
  const tooDeep = deepFlow(text)
  if (tooDeep !== null) return unreadable('CONTRACT_YAML_LIMIT', tooDeep)
  const lines = new LineCounter()
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      stringKeys: true,
      // Compares each key with all others: quadratic. The reader below does it with a set.
      uniqueKeys: false,
      resolveKnownTags: false,
      logLevel: 'silent',
      prettyErrors: false,
    })
    return readDocument(document, lines)
  } catch (thrown) {
    // The composer of `yaml` recurses: nesting that passed the cheap check above may still exhaust the stack.
    if (thrown instanceof RangeError) return unreadable('CONTRACT_YAML_LIMIT', nestedTooDeep)
    return unreadable('CONTRACT_YAML_SYNTAX', `The YAML cannot be read: ${String(thrown)}.`)
  }
}

const nestedTooDeep = `The file is nested deeper than ${MAX_DEPTH} levels.`

function unreadable(code: ContractErrorCode, message: string): YamlText {
  return { value: undefined, problems: [{ code, message, line: 1, column: 1 }], locate: () => ({ line: 1, column: 1 }) }
}

/** Refuses runs of opening brackets or of nested block entries that would make the parser recurse thousands deep. */
function deepFlow(text: string): string | null {
  let open = 0
  let indicators = 0
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index)
    if (character === 0x5b || character === 0x7b) open++
    else if (character === 0x5d || character === 0x7d) open = Math.max(0, open - 1)
    if (character === 0x0a) indicators = 0
    else if ((character === 0x2d || character === 0x3f || character === 0x3a) && text[index + 1] === ' ') indicators++
    if (open > 1_000 || indicators > 1_000) return nestedTooDeep
  }
  return null
}

function readDocument(document: Document.Parsed, lines: LineCounter): YamlText {
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const locate = (path: Path): Position => at(offsetOf(document, path))
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0)
    return { value: undefined, problems: faults.map((fault) => ({ ...describe(fault), ...at(fault.pos[0]) })), locate }
  const reader = new JsonReader(document)
  const value = reader.read(document.contents, 0)
  if (reader.faults.length === 0) return { value, problems: [], locate }
  return { value: undefined, problems: reader.faults.map((fault) => ({ ...fault, ...at(fault.offset) })), locate }
}

function describe(fault: YAMLError): { code: ContractErrorCode; message: string } {
  const line = fault.message.split('\n')[0]!.trim()
  // Some messages of `yaml` quote the rest of the file.
  const message = line.length > MAX_QUOTE ? `${line.slice(0, MAX_QUOTE - 1)}…` : line
  if (fault.code === 'MULTIPLE_DOCS')
    return { code: 'CONTRACT_YAML_SYNTAX', message: 'The file holds several documents: one contract a file.' }
  return { code: 'CONTRACT_YAML_SYNTAX', message: `The YAML is malformed: ${message.replace(/\.?$/, '.')}` }
}

interface Fault {
  readonly code: ContractErrorCode
  readonly message: string
  readonly offset: number
}

/** Plain JSON of a YAML tree, aliases expanded, within the limits. */
class JsonReader {
  readonly faults: Fault[] = []
  readonly #document: Document.Parsed
  #values = 0
  #aliases = 0
  /** Set where a limit was passed: nothing more is read. */
  #stopped = false

  constructor(document: Document.Parsed) {
    this.#document = document
  }

  read(node: unknown, depth: number): Json {
    if (this.#stopped) return null
    if (depth > MAX_DEPTH) return this.#stop(node, nestedTooDeep)
    if (++this.#values > MAX_VALUES)
      return this.#stop(node, `The file holds more than ${MAX_VALUES} values, aliases expanded.`)
    if (isAlias(node)) {
      if (++this.#aliases > MAX_ALIASES)
        return this.#stop(node, `The file uses aliases more than ${MAX_ALIASES} times.`)
      const target = node.resolve(this.#document)
      return target ? this.read(target, depth + 1) : this.#fail(node, 'CONTRACT_YAML_SYNTAX', unknownAlias(node.source))
    }
    if (isMap(node)) return this.#readMap(node as YAMLMap<ParsedNode, ParsedNode | null>, depth)
    if (isSeq(node)) return node.items.map((item) => this.read(item, depth + 1))
    return isScalar(node) ? this.#readScalar(node) : null
  }

  #readMap(map: YAMLMap<ParsedNode, ParsedNode | null>, depth: number): Json {
    const members = new Map<string, Json>()
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? key.value : null
      if (typeof name !== 'string') this.#fail(key, 'CONTRACT_YAML_SYNTAX', 'A key of a mapping must be text.')
      else if (members.has(name)) this.#fail(key, 'CONTRACT_DUPLICATE_KEY', repeated(name))
      else members.set(name, this.read(value, depth + 1))
    }
    return Object.fromEntries(members)
  }

  #readScalar(node: { readonly value: unknown }): Json {
    const value = node.value
    if (typeof value === 'number' && !Number.isFinite(value))
      return this.#fail(node, 'CONTRACT_WRONG_VALUE', 'A number must be finite.')
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
    return null
  }

  #stop(node: unknown, message: string): null {
    this.#stopped = true
    return this.#fail(node, 'CONTRACT_YAML_LIMIT', message)
  }

  #fail(node: unknown, code: ContractErrorCode, message: string): null {
    const offset = startOf(node) ?? 0
    // An alias repeats what its anchor holds, faults included.
    if (!this.faults.some((fault) => fault.offset === offset)) this.faults.push({ code, message, offset })
    if (this.faults.length >= MAX_FAULTS) this.#stopped = true
    return null
  }
}

function repeated(key: string): string {
  return `The key "${key.slice(0, 80)}" stands twice in the same mapping.`
}

function unknownAlias(name: string): string {
  return `The alias *${name} has no anchor &${name} before it.`
}

function startOf(node: unknown): number | undefined {
  const range = (node as { readonly range?: readonly number[] | null } | null)?.range
  return range?.[0]
}

function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    let key: unknown = null
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step)
      if (pair === undefined) return offset
      key = pair.key
      node = pair.value
    } else if (isSeq(node) && typeof step === 'number') node = node.items[step]
    else return offset
    offset = startOf(key) ?? startOf(node) ?? offset
  }
  return offset
}
