import type jsonata from 'jsonata'
import { compilePattern } from '../../contract/index.ts'
import { lazy } from '../../kernel/index.ts'

const library = lazy<typeof jsonata>('jsonata', import.meta.url)

/** What became of a record, or why nothing did: JSONata's code and character, never a value of the record. */
export type Migrated = { readonly value: Buffer } | { readonly fault: string }

/** Brings a record that conforms to an earlier version to the form of a later one. The same for the same bytes. */
export type Migration = (value: Uint8Array) => Promise<Migrated>

/** Evaluated nodes: about 50 ms. Counted, not timed, so that a slow machine gives the same as a fast one. */
const STEPS_MAX = 100_000
const DEPTH_MAX = 500
const ITEMS_MAX = 100_000
/** UTF-16 units of any text on the way, and of the result. */
const TEXT_MAX = 4 * 1024 * 1024

const ENTRY = Symbol.for('jsonata.__evaluate_entry')
const EXIT = Symbol.for('jsonata.__evaluate_exit')

/**
 * Compiles the JSONata expression of a migration. Its result, an object, is written as JSON with the members in the order
 * of the expression.
 *
 * No record can keep it busy: steps, depth, lengths and the work of regular expressions are bounded, and what exceeds them
 * is a fault. One evaluation at a time.
 */
export function compileMigration(expression: string): Migration {
  const compiled = library()(expression, {
    stack: DEPTH_MAX,
    sequence: ITEMS_MAX,
    RegexEngine: BoundedRegExp as unknown as RegExpConstructor,
  })
  let steps = 0
  // The type of `assign` knows names only; JSONata looks its hooks up by symbol.
  const assign = compiled.assign as (name: string | symbol, value: unknown) => void
  assign(ENTRY, () => {
    if (++steps > STEPS_MAX) throw new Excess(`more than ${STEPS_MAX} steps`)
  })
  assign(EXIT, (_expression: unknown, _input: unknown, _environment: unknown, result: unknown) => {
    if (typeof result === 'string' && result.length > TEXT_MAX) throw new Excess(`a text of more than ${TEXT_MAX}`)
    if (Array.isArray(result) && result.length > ITEMS_MAX) throw new Excess(`a list of more than ${ITEMS_MAX}`)
  })
  compiled.registerFunction('pad', pad, '<s-ns?:s>')
  return async (value) => {
    steps = 0
    try {
      return written(await compiled.evaluate(JSON.parse(Buffer.from(value).toString('utf8'))))
    } catch (thrown) {
      return { fault: faultOf(thrown) }
    }
  }
}

function written(result: unknown): Migrated {
  if (typeof result !== 'object' || result === null || Array.isArray(result))
    return { fault: `the result is ${describe(result)}, not an object` }
  const text = JSON.stringify(result)
  return text.length > TEXT_MAX ? { fault: `a result of more than ${TEXT_MAX}` } : { value: Buffer.from(text) }
}

function describe(result: unknown): string {
  if (result === undefined) return 'nothing'
  if (result === null) return 'null'
  return Array.isArray(result) ? 'a list' : `a ${typeof result}`
}

/** JSONata's messages quote values; its codes do not. */
function faultOf(thrown: unknown): string {
  if (thrown instanceof Excess) return thrown.message
  if (thrown instanceof RangeError) return 'more depth or length than there is room for'
  const { code, position } = thrown as Partial<jsonata.JsonataError>
  const where = typeof position === 'number' ? ` at character ${position}` : ''
  return `JSONata error ${code ?? 'unknown'}${where}`
}

class Excess extends Error {}

/** JSONata's `$pad`, whose own would fill all memory when it is asked to. */
function pad(text: string | undefined, width: number, fill?: string): string | undefined {
  if (text === undefined) return undefined
  const missing = Math.abs(Math.trunc(width)) - [...text].length
  if (missing <= 0) return text
  if (missing > ITEMS_MAX) throw new Excess(`a padding of more than ${ITEMS_MAX}`)
  const padding = [...(fill || ' ').repeat(missing)].slice(0, missing).join('')
  return width > 0 ? text + padding : padding + text
}

/** Longest text that a pattern is matched with, by its source. */
const lengthsMax = new Map<string, number>()

/** Refuses texts that are long enough to keep a backtracking engine busy with this pattern. */
class BoundedRegExp extends RegExp {
  override exec(text: string): RegExpExecArray | null {
    let lengthMax = lengthsMax.get(this.source)
    if (lengthMax === undefined) {
      lengthMax = compilePattern(this.source, 'covenant.migrations').nativeLengthMax
      lengthsMax.set(this.source, lengthMax)
    }
    if (text.length > lengthMax) throw new Excess(`a text of more than ${lengthMax} for a regular expression`)
    return super.exec(text)
  }
}
