import type jsonata from 'jsonata'
import { lazy, messageOf, nearest } from '../../kernel/index.ts'
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

/** Names of `$` and `$$`: the context and the whole record. */
const CONTEXT: ReadonlySet<string> = new Set(['', '$'])

/** What JSONata brings along; a call of another name fails for every record. */
export const BUILT_IN: ReadonlySet<string> = new Set(
  [
    'abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl decodeUrlComponent',
    'distinct each encodeUrl encodeUrlComponent error eval exists filter floor formatBase formatInteger formatNumber',
    'fromMillis join keys length lookup lowercase map match max merge millis min not now number pad parseInteger power',
    'random reduce replace reverse round shuffle sift single sort split spread sqrt string substring substringAfter',
    'substringBefore sum toMillis trim type uppercase zip',
  ].flatMap((line) => line.split(' ')),
)

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
  readonly lhs?: Node
  readonly rhs?: Node
  readonly focus?: string
  readonly index?: string
  readonly arguments?: readonly Node[]
}

/** The first fault below a node. Without recursion, so that deep nesting does no harm. */
function nodeFault(root: Node): string | null {
  const open: object[] = [root]
  const seen = new Set<object>()
  const faults: { readonly position: number; readonly text: string }[] = []
  const called: Node[] = []
  const bound = new Set<unknown>()
  while (open.length > 0) {
    const node: Node = open.pop()!
    if (seen.has(node)) continue
    seen.add(node)
    const text = ownFault(node)
    if (text !== null) faults.push({ position: node.position ?? 0, text })
    called.push(...calledBy(node))
    for (const name of boundBy(node)) bound.add(name)
    for (const child of Object.values(node))
      if (typeof child === 'object' && child !== null && !(child instanceof RegExp)) open.push(child)
  }
  for (const { value, position = 0 } of called)
    if (typeof value === 'string' && !CONTEXT.has(value) && !BUILT_IN.has(value) && !bound.has(value))
      faults.push({ position, text: `calls $${value}, which is no function (character ${position}).${hint(value)}` })
  return faults.sort((a, b) => a.position - b.position)[0]?.text ?? null
}

/** The variables that a node calls. */
function calledBy({ type, procedure, rhs }: Node): readonly Node[] {
  const callee = type === 'function' || type === 'partial' ? procedure : type === 'apply' ? rhs : undefined
  return callee?.type === 'variable' ? [callee] : []
}

/** The names to which a node gives values. Where in the expression they hold is not looked at. */
function boundBy({ type, lhs, arguments: parameters = [], focus, index }: Node): readonly unknown[] {
  const own = type === 'bind' ? [lhs?.value] : type === 'lambda' ? parameters.map(({ value }) => value) : []
  return [...own, focus, index]
}

function hint(name: string): string {
  const guess = nearest(name, [...BUILT_IN])
  return guess === null ? '' : ` Did you mean $${guess}?`
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
