import type { Json } from '../../kernel/index.ts'
import type { CompatibilityMode } from '../define.ts'
import { canonicalAvro, readAvro, unreadable } from './avro/index.ts'
import { BUDGET, canonicalJsonSchema, type JsonSchemaDocument, readJsonSchema, refused } from './json-schema/index.ts'
import { parseSchemaJson } from './schema-fault.ts'

/** Formats of schemas, by the names that registries give them. */
export type SchemaFormat = 'AVRO' | 'JSON'

/** A schema that another one refers to: by the name of an Avro type, or by a JSON Schema `$ref`. */
export interface SchemaReference {
  readonly name: string
  /** Its text. */
  readonly schema: string
}

/** A schema as it was registered. References come in the order in which they build on each other. */
export interface SchemaText {
  readonly schema: string
  readonly references?: readonly SchemaReference[]
}

/** Why a schema does not fit an earlier one. */
export interface SchemaReason {
  /** Index in `earlier`. */
  readonly version: number
  /** `backward`: the candidate cannot take what the earlier one allows. `forward`: the other way round. */
  readonly direction: 'backward' | 'forward'
  /** The place in the document: of Avro `lines[].sku`, of JSON a JSON pointer. */
  readonly path: string
  /** JSON pointer to the place in the schema that refuses. */
  readonly schemaPath: string
  /** In the words of Confluent's registry: `READER_FIELD_MISSING_DEFAULT_VALUE`, `REQUIRED_ATTRIBUTE_ADDED` … */
  readonly kind: string
  readonly message: string
  /** A document that one side allows and the other refuses (Avro: in Avro's JSON encoding); `null` where none was found. */
  readonly witness: Json | null
}

/** What nobody could show. */
export interface UndecidedReason extends Omit<SchemaReason, 'kind' | 'witness'> {
  /** The keyword that the proof got stuck at; `budget` where the steps were spent. */
  readonly keyword: string
}

export interface SchemaVerdict {
  readonly compatible: boolean
  readonly reasons: readonly SchemaReason[]
  /**
   * Places where no document was found and no rule shows that there is none. Compatible with nothing undecided: it is
   * proved. Compatible otherwise: as far as is known.
   */
  readonly undecided: readonly UndecidedReason[]
}

/**
 * Whether a schema fits earlier versions of itself, by meaning: every document of the one is a document of the other.
 * BACKWARD and FORWARD look at the newest of `earlier` (oldest first), the transitive modes at all, newest first.
 *
 * @throws CovenantError `CONTRACT_SCHEMA_INVALID` where one of the texts is no schema, `CONTRACT_SCHEMA_LIMIT`
 * @example
 * const { compatible, reasons } = schemaCompatibility({ format: 'AVRO', candidate: { schema }, earlier, mode: 'BACKWARD' })
 */
export function schemaCompatibility(question: {
  readonly format: SchemaFormat
  readonly candidate: SchemaText
  readonly earlier: readonly SchemaText[]
  readonly mode: CompatibilityMode
}): SchemaVerdict {
  const { format, candidate, earlier, mode } = question
  parseSchema(format, candidate)
  const compare = format === 'AVRO' ? avro : new JsonComparison().compare
  const reasons: SchemaReason[] = []
  const undecided: UndecidedReason[] = []
  for (const version of comparedVersions(earlier.length, mode))
    for (const direction of directionsOf(mode)) {
      const [from, to] = direction === 'backward' ? [earlier[version]!, candidate] : [candidate, earlier[version]!]
      const found = compare(from, to)
      reasons.push(...found.reasons.map((reason) => ({ version, direction, ...reason })))
      undecided.push(...found.undecided.map((place) => ({ version, direction, ...place })))
    }
  return { compatible: reasons.length === 0, reasons, undecided }
}

/** Reads a schema, to find out whether it is one. Throws `CONTRACT_SCHEMA_INVALID` with what and where. */
export function parseSchema(format: SchemaFormat, text: SchemaText): Json {
  const schema = parseSchemaJson(text.schema)
  if (format === 'AVRO') readAvro(schema, references(text))
  else readJsonSchema(schema, named(text))
  return schema
}

/** The schema in one way of writing, so that texts that mean the same schema are equal. It is a schema itself. */
export function canonicalSchema(format: SchemaFormat, text: SchemaText): string {
  const schema = parseSchema(format, text)
  return format === 'AVRO' ? canonicalAvro(schema) : canonicalJsonSchema(schema)
}

/** Indexes of the earlier versions that a mode looks at, newest first. */
function comparedVersions(count: number, mode: CompatibilityMode): readonly number[] {
  if (mode === 'NONE' || count === 0) return []
  if (!mode.endsWith('_TRANSITIVE')) return [count - 1]
  return Array.from({ length: count }, (_, index) => count - 1 - index)
}

/** The directions that a mode looks at. */
function directionsOf(mode: CompatibilityMode): readonly ('backward' | 'forward')[] {
  if (mode === 'NONE') return []
  if (mode.startsWith('FULL')) return ['backward', 'forward']
  return mode.startsWith('BACKWARD') ? ['backward'] : ['forward']
}

interface Found {
  readonly reasons: readonly Omit<SchemaReason, 'version' | 'direction'>[]
  readonly undecided: readonly Omit<UndecidedReason, 'version' | 'direction'>[]
}

function avro(writer: SchemaText, reader: SchemaText): Found {
  const source = (text: SchemaText) => ({ schema: parseSchemaJson(text.schema), references: references(text) })
  const reasons = unreadable(source(writer), source(reader)).map(({ value, ...rest }) => ({
    ...rest,
    witness: value ?? null,
  }))
  return { reasons, undecided: [] }
}

/** Steps of a whole call, however many versions it looks at: about a second or two. */
const STEPS_MAX = 600_000
/** Reading a schema, and compiling it for ajv, counts as well. */
const CHARACTERS_PER_STEP = 2

/** Comparisons of JSON Schemas in one call, which share what was read and the steps that are left. */
class JsonComparison {
  readonly #steps = { left: STEPS_MAX }
  readonly #read = new Map<SchemaText, JsonSchemaDocument>()

  readonly compare = (accepting: SchemaText, refusing: SchemaText): Found => {
    if (this.#steps.left <= 0) return { reasons: [], undecided: [BUDGET] }
    return refused(this.#document(accepting), this.#document(refusing), this.#steps)
  }

  #document(text: SchemaText): JsonSchemaDocument {
    const known = this.#read.get(text)
    if (known !== undefined) return known
    const length = [text, ...(text.references ?? [])].reduce((sum, { schema }) => sum + schema.length, 0)
    this.#steps.left -= length / CHARACTERS_PER_STEP
    const document = readJsonSchema(parseSchemaJson(text.schema), named(text))
    this.#read.set(text, document)
    return document
  }
}

function references({ references: list = [] }: SchemaText): readonly Json[] {
  return list.map(({ schema }) => parseSchemaJson(schema))
}

function named({ references: list = [] }: SchemaText): readonly { readonly name: string; readonly schema: Json }[] {
  return list.map(({ name, schema }) => ({ name, schema: parseSchemaJson(schema) }))
}
