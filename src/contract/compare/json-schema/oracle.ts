import type { Ajv, ErrorObject, Options, ValidateFunction } from 'ajv'
import { isJsonObject, type Json, lazy, messageOf } from '../../../kernel/index.ts'
import { isMultipleOf } from '../../decimal.ts'
import { compilePattern } from '../../pattern/bounded-pattern.ts'
import { schemaFault } from '../schema-fault.ts'
import type { Draft, JsonSchemaDocument, NamedSchema, Schema, SchemaError } from './define.ts'

const draft04 = lazy<typeof import('ajv-draft-04')>('ajv-draft-04', import.meta.url)
const draft07 = lazy<typeof import('ajv')>('ajv', import.meta.url)
const draft2019 = lazy<typeof import('ajv/dist/2019.js')>('ajv/dist/2019.js', import.meta.url)
const draft2020 = lazy<typeof import('ajv/dist/2020.js')>('ajv/dist/2020.js', import.meta.url)

/** What ajv calls for each regular expression; bounded, since nobody knows who wrote them. */
const regExp = Object.assign((pattern: string) => compilePattern(pattern, 'pattern'), {
  code: 'new RegExp',
})

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
  const ajv = instanceOf(draft)
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

function instanceOf(draft: Draft): Ajv {
  if (draft === 'draft-04') return new (draft04().default)(OPTIONS)
  if (draft === '2019-09') return new (draft2019().Ajv2019)(OPTIONS)
  return draft === '2020-12' ? new (draft2020().Ajv2020)(OPTIONS) : new (draft07().Ajv)(OPTIONS)
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
