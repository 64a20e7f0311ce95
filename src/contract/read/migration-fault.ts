import type jsonata from 'jsonata'
import { lazy, messageOf } from '../../kernel/index.ts'
import { patternFault } from './rules.ts'

const library = lazy<typeof jsonata>('jsonata', import.meta.url)

const EXPRESSION_CHARACTERS_MAX = 10_000

/** Functions whose result depends on more than the record, with what to do instead. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['now', 'Take the time from the record.'],
  ['millis', 'Take the time from the record.'],
  ['random', 'Compute the value from the record.'],
  ['shuffle', 'Use $sort.'],
  ['eval', 'Write out what it would evaluate.'],
])

/**
 * Why a JSONata expression cannot be a migration, as a sentence that tells the character, or `null`. A migration must give
 * the same for the same record whenever it runs, or a topic could not be validated again.
 *
 * @example migrationFault('{"id": id, "at": $now()}') // 'uses $now, which … (character 19). Take the time …'
 */
export function migrationFault(expression: string): string | null {
  if (expression.length > EXPRESSION_CHARACTERS_MAX) return `is longer than ${EXPRESSION_CHARACTERS_MAX} characters.`
  try {
    return nodeFault(library()(expression).ast() as Node)
  } catch (thrown) {
    // JSONata throws plain objects; what else it throws is the exhausted stack of a hostile expression.
    const { position, message = messageOf(thrown) } = thrown as Partial<jsonata.JsonataError>
    const where = position === undefined ? '' : ` (character ${position})`
    return `is no JSONata: ${message.replace(/\.$/, '')}${where}.`
  }
}

/** A node of JSONata's syntax tree, as far as it is looked at; its children are any of its members. */
interface Node {
  readonly type?: string
  readonly value?: unknown
  readonly position?: number
  readonly procedure?: Node
  readonly arguments?: readonly Node[]
}

/** The first fault below a node. Without recursion, so that deep nesting does no harm. */
function nodeFault(root: Node): string | null {
  const open: object[] = [root]
  const seen = new Set<object>()
  const faults: { readonly position: number; readonly text: string }[] = []
  while (open.length > 0) {
    const node = open.pop()!
    if (seen.has(node)) continue
    seen.add(node)
    const text = ownFault(node as Node)
    if (text !== null) faults.push({ position: (node as Node).position ?? 0, text })
    for (const child of Object.values(node))
      if (typeof child === 'object' && child !== null && !(child instanceof RegExp)) open.push(child)
  }
  return faults.sort((a, b) => a.position - b.position)[0]?.text ?? null
}

function ownFault(node: Node): string | null {
  const at = `(character ${node.position})`
  if (node.type === 'regex' && node.value instanceof RegExp) {
    const fault = patternFault(node.value.source)
    return fault === null ? null : `has a regular expression that is none with the u flag ${at}: ${fault}.`
  }
  // With a picture, the parts of the date that it lacks are taken from the present day.
  if (node.type === 'function' && isVariable(node.procedure, 'toMillis') && (node.arguments?.length ?? 0) > 1)
    return `uses $toMillis with a picture, which may depend on the present day ${at}. Give it ISO 8601 text alone.`
  if (node.type !== 'variable' || typeof node.value !== 'string') return null
  const remedy = REFUSED.get(node.value)
  return remedy === undefined ? null : `uses $${node.value}, which does not depend on the record alone ${at}. ${remedy}`
}

function isVariable(node: Node | undefined, name: string): boolean {
  return node?.type === 'variable' && node.value === name
}
