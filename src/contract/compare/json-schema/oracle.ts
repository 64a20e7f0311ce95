import type { Ajv, ErrorObject, KeywordDefinition, Options, ValidateFunction } from 'ajv'
import { isJsonObject, type Json, lazy, messageOf } from '../../../kernel/index.ts'
import { isMultipleOf } from '../../decimal.ts'
import { compilePattern } from '../../pattern/bounded-pattern.ts'
import { schemaFault } from '../schema-fault.ts'
import { FOREIGN_KEYWORDS } from './accepts.ts'
import type { Draft, JsonSchemaDocument, NamedSchema, Schema, SchemaError } from './define.ts'

const draft04 = lazy<typeof import('ajv-draft-04')>('ajv-draft-04', import.meta.url)
const draft07 = lazy<typeof import('ajv')>('ajv', import.meta.url)
const draft2019 = lazy<typeof import('ajv/dist/2019.js')>('ajv/dist/2019.js', import.meta.url)
const draft2020 = lazy<typeof import('ajv/dist/2020.js')>('ajv/dist/2020.js', import.meta.url)

/**
 * What ajv calls for each regular expression; bounded, since nobody knows who wrote them. ajv tells expressions apart by
 * their text.
 */
const regExp = Object.assign(
  (pattern: string) => ({ ...compilePattern(pattern, 'pattern'), toString: () => pattern }),
  { code: 'new RegExp' },
)

const OPTIONS = {
  strict: false,
  verbose: true,
  validateFormats: false,
  inlineRefs: false,
  logger: false,
  code: { regExp: regExp as unknown as NonNullable<NonNullable<Options['code']>['regExp']> },
} satisfies Options

/** A schema as ajv understands it; each call gets a validator of its own, so that ids never meet. */
export function compileSchema(
  draft: Draft,
  root: Schema,
  references: readonly NamedSchema[],
): JsonSchemaDocument['errors'] {
  const schemas = [root, ...references.map(({ schema }) => schema)]
  for (const schema of schemas) checkDraft(draft, schema as Schema)
  // Setting up the schema of schemas takes longer than all else; few refer to it.
  const ajv = instanceOf(draft, { validateSchema: false, meta: schemas.some(refersToDraft) })
  for (const keyword of FOREIGN_KEYWORDS[draft]) ajv.removeKeyword(keyword)
  if (draft !== 'draft-04') containsFirst(ajv, draft)
  ajv.removeKeyword('multipleOf')
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    validate: (step: number, value: number) => isMultipleOf(value, step),
  })
  let validate: ValidateFunction
  try {
    const base = idOf(root, draft)
    for (const { name, schema } of references) addReference(ajv, name, base, schema)
    validate = ajv.compile(withoutDraft(root) as Parameters<Ajv['compile']>[0])
  } catch (cause) {
    throw schemaFault(`It is no schema of its draft (${draft}): ${messageOf(cause)}.`, '', cause)
  }
  return (instance) => {
    try {
      return validate(instance) ? [] : (validate.errors ?? []).map(toError)
    } catch {
      return null
    }
  }
}

/** After a tuple ajv does not look at `contains` in an empty array, so it looks at it before. */
function containsFirst(ajv: Ajv, draft: Draft): void {
  const definition = ajv.getKeyword('contains')
  if (typeof definition !== 'object') return
  ajv.removeKeyword('contains')
  ajv.addKeyword({
    ...definition,
    before: draft === '2020-12' ? 'prefixItems' : 'additionalItems',
  } as KeywordDefinition)
}

function refersToDraft(schema: Json): boolean {
  return JSON.stringify(schema).includes('"$ref":"http') && JSON.stringify(schema).includes('json-schema.org')
}

const drafts = new Map<Draft, Ajv>()

/** Throws where it is no schema. One validator serves for all: it never learns of their ids. */
function checkDraft(draft: Draft, schema: Schema): void {
  const ajv = drafts.get(draft) ?? instanceOf(draft)
  drafts.set(draft, ajv)
  if (ajv.validateSchema(withoutDraft(schema) as Parameters<Ajv['validateSchema']>[0]) === true) return
  const message = ajv.errorsText(ajv.errors, { dataVar: 'schema' })
  throw schemaFault(`It is no schema of its draft (${draft}): ${message}.`, '')
}

function instanceOf(draft: Draft, options: Options = {}): Ajv {
  const all = { ...OPTIONS, ...options }
  if (draft === '2019-09') return new (draft2019().Ajv2019)(all)
  if (draft === '2020-12') return new (draft2020().Ajv2020)(all)
  const old = { ...all, ignoreKeywordsWithRef: true }
  return draft === 'draft-04' ? new (draft04().default)(old) : new (draft07().Ajv)(old)
}

/** A reference is found by its name and, where the schema has an id, by its name relative to that. */
function addReference(ajv: Ajv, name: string, base: string, schema: Json): void {
  const added = withoutDraft(schema as Schema) as Parameters<Ajv['addSchema']>[0]
  const absolute = base !== '' && URL.canParse(name, base) ? new URL(name, base).href : name
  for (const key of new Set([name, absolute]))
    if (!(key in ajv.schemas) && !(key in ajv.refs)) ajv.addSchema(added, key)
}

function idOf(schema: Schema, draft: Draft): string {
  const id = isJsonObject(schema) ? schema[draft === 'draft-04' ? 'id' : '$id'] : undefined
  return typeof id === 'string' ? id : ''
}

/** The draft was chosen by `$schema`; ajv wants its exact text, and some write it without the `#`. */
function withoutDraft(schema: Schema): Schema {
  if (!isJsonObject(schema)) return schema
  const { $schema: _, ...rest } = schema
  return rest
}

function toError(error: ErrorObject): SchemaError {
  const { keyword, instancePath, schemaPath, message, schema, params } = error
  return { keyword, instancePath, schemaPath, message: message ?? keyword, expected: schema, parameters: params }
}
