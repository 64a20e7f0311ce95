import { CovenantError, type Json } from '../../kernel/index.ts'

/** A schema of another format is refused beyond these: no real one comes near, and comparing stays quick. */
const TEXT_LENGTH_MAX = 1_048_576
const DEPTH_MAX = 100
const NODES_MAX = 20_000

/** What is wrong with a schema text, and where in it (JSON pointer). */
export function schemaFault(message: string, pointer: string, cause?: unknown): CovenantError {
  return new CovenantError({
    code: 'CONTRACT_SCHEMA_INVALID',
    message,
    where: pointer === '' ? 'the schema' : pointer,
    remedy: 'Correct the schema.',
    ...(cause === undefined ? {} : { cause }),
  })
}

/** The text as JSON, within bounds on length, depth and number of values. Throws `CONTRACT_SCHEMA_INVALID`. */
export function parseSchemaJson(text: string): Json {
  if (text.length > TEXT_LENGTH_MAX) throw schemaLimit(`is longer than ${TEXT_LENGTH_MAX} characters`)
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (cause) {
    throw schemaFault('The schema is not JSON.', '', cause)
  }
  checkSize(value)
  return value
}

function checkSize(root: Json): void {
  let nodes = 0
  const open: [Json, number][] = [[root, 0]]
  while (open.length > 0) {
    const [value, depth] = open.pop()!
    if (++nodes > NODES_MAX) throw schemaLimit(`has more than ${NODES_MAX} values`)
    if (depth > DEPTH_MAX) throw schemaLimit(`is nested deeper than ${DEPTH_MAX} levels`)
    if (typeof value === 'object' && value !== null)
      for (const member of Object.values(value)) open.push([member as Json, depth + 1])
  }
}

/** A schema that is larger than any comparison should be: `what` completes "The schema …". */
export function schemaLimit(what: string): CovenantError {
  return new CovenantError({
    code: 'CONTRACT_SCHEMA_LIMIT',
    message: `The schema ${what}.`,
    where: 'the schema',
    remedy: 'Split it into several schemas that refer to each other.',
  })
}
