import { canonicalSchema, parseSchema, schemaCompatibility } from '../../contract/index.ts'
import { CovenantError, messageOf } from '../../kernel/index.ts'
import type { CompatibilityLevel, SchemaSource, SchemaType } from './define.ts'
import { parseProtobuf } from './protobuf.ts'
import { refuse } from './refusal.ts'

/** Longest schema text; Kafka's own limit for a record, in which Confluent's registry keeps one, is the same. */
const TEXT_LENGTH_MAX = 1_048_576

/**
 * The text as it is stored: of JSON and Avro without white space, of Protobuf as it came.
 *
 * Throws `42201` where the text is no schema of its type, `42209` where it is too long.
 */
export function storedText(type: SchemaType, source: SchemaSource): string {
  if (source.schema.length > TEXT_LENGTH_MAX) throw refuse.tooLarge()
  if (source.schema.trim() === '') throw refuse.invalidSchema('Empty schema')
  return readable(type, () => {
    if (type === 'PROTOBUF') return parseProtobuf(source)
    parseSchema(type, source)
    return withoutWhiteSpace(source.schema)
  })
}

/** The text in normal form: equal for texts that mean the same schema. Protobuf has none but its text. */
export function normalText(type: SchemaType, source: SchemaSource): string {
  return readable(type, () => (type === 'PROTOBUF' ? parseProtobuf(source) : canonicalSchema(type, source)))
}

/** Why a schema does not fit the earlier ones (oldest first), in the words for Confluent's `messages`; none where it does. */
export function incompatibilities(
  type: SchemaType,
  candidate: SchemaSource,
  earlier: readonly (SchemaSource & { readonly version: number })[],
  mode: CompatibilityLevel,
): readonly string[] {
  if (mode === 'NONE' || earlier.length === 0) return []
  if (type === 'PROTOBUF') return protobufDifferences(candidate, earlier, mode)
  return readable(type, () => schemaCompatibility({ format: type, candidate, earlier, mode })).reasons.map((reason) => {
    const { kind, message, path, direction, witness } = reason
    const shown = witness === null ? '' : `, witness:'${JSON.stringify(witness)}'`
    return `{errorType:'${kind}', description:'${message}', path:'${path}', direction:'${direction}', version:${earlier[reason.version]!.version}${shown}}`
  })
}

/** Protobuf schemas are not compared: whatever is not the same text is refused, rather than let through unseen. */
function protobufDifferences(
  candidate: SchemaSource,
  earlier: readonly (SchemaSource & { readonly version: number })[],
  mode: CompatibilityLevel,
): readonly string[] {
  const compared = mode.endsWith('_TRANSITIVE') ? earlier : earlier.slice(-1)
  return compared
    .filter(({ schema }) => schema !== candidate.schema)
    .map(
      ({ version }) =>
        `{errorType:'NOT_COMPARED', description:'Covenant does not compare Protobuf schemas. Set the subject to compatibility NONE to register another one', version:${version}}`,
    )
}

function readable<Value>(type: SchemaType, read: () => Value): Value {
  try {
    return read()
  } catch (thrown) {
    const why =
      thrown instanceof CovenantError && thrown.where ? `${thrown.message} (${thrown.where})` : messageOf(thrown)
    throw refuse.invalidSchema(`Invalid schema of type ${type}, details: ${why}`)
  }
}

/** JSON as it was written, but for the white space between tokens: numbers keep their digits, members their order. */
function withoutWhiteSpace(json: string): string {
  return json.replace(/("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g, (_match, text: string | undefined) => text ?? '')
}
