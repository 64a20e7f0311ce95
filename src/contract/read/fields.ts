import type { JsonObject } from '../../kernel/index.ts'
import type { Field, FieldRules, LogicalType, Semantics } from '../define.ts'
import type { Path, Report } from '../problem.ts'
import { type Entry, entries, flagMember, numberMember, objectMember, textMember, textsMember } from './members.ts'
import { readEnum, readRules } from './rules.ts'

const SUPPORTED: readonly string[] = [
  'string',
  'integer',
  'number',
  'boolean',
  'date',
  'timestamp',
  'time',
  'object',
  'array',
  'map',
] satisfies readonly LogicalType[]

/** What ODCS calls a vector is an array of a known length, of these. */
const VECTOR_ITEMS: Readonly<Record<string, Pick<Field, 'type' | 'rules'>>> = {
  bfloat16: { type: 'number', rules: {} },
  float16: { type: 'number', rules: {} },
  float32: { type: 'number', rules: {} },
  float64: { type: 'number', rules: {} },
  int8: { type: 'integer', rules: { minimum: -128, maximum: 127 } },
  uint8: { type: 'integer', rules: { minimum: 0, maximum: 255 } },
  binary: { type: 'integer', rules: { minimum: 0, maximum: 1 } },
}

/** The longest name that every engine takes as a column. */
const MAX_NAME = 63

/** Reads the properties of the schema object, or of an object field, which stands at `path`. */
export function readFields(parent: JsonObject, path: Path, report: Report): readonly Field[] {
  const fields: Field[] = []
  const names = new Map<string, string>()
  for (const entry of entries(parent, 'properties', path)) {
    const name = textMember(entry.value, 'name')
    if (name === null) continue
    checkName(name, names, entry, report)
    const field = readField(entry.value, name, entry.path, report)
    if (field !== null) fields.push(field)
  }
  return fields
}

function checkName(name: string, names: Map<string, string>, { path }: Entry, report: Report): void {
  const at = [...path, 'name']
  // SQL engines compare column names without case.
  const twin = names.get(name.toLowerCase())
  if (twin !== undefined)
    report.error(at, 'CONTRACT_NAME_REPEATED', `The field "${name}" has the same name as an earlier one, "${twin}".`)
  else if (name === '__proto__' || !/^[^\p{Cc}"'`]+$/u.test(name) || name.length > MAX_NAME)
    report.error(
      at,
      'CONTRACT_WRONG_VALUE',
      `A field name has 1 to ${MAX_NAME} characters, without quotes and control characters, found ${JSON.stringify(name)}.`,
    )
  names.set(name.toLowerCase(), name)
}

/** Reads one property; `null` where it has no type that Covenant knows. */
function readField(property: JsonObject, name: string, path: Path, report: Report): Field | null {
  const type = readType(property, name, path, report)
  if (type === null) return null
  if (property.logicalType === 'vector') return readVector(property, name, path, report)
  return {
    name,
    type,
    required: flagMember(property, 'required'),
    unique: flagMember(property, 'unique'),
    primaryKeyPosition: flagMember(property, 'primaryKey')
      ? (numberMember(property, 'primaryKeyPosition') ?? -1)
      : null,
    rules: readRules(property, type, path, report) satisfies FieldRules,
    description: textMember(property, 'description'),
    ...readNested(property, type, path, report),
    ...readSemantics(property, path),
  }
}

/** A vector is an array of exactly `dimensions` numbers, in every engine. */
function readVector(property: JsonObject, name: string, path: Path, report: Report): Field {
  const options = objectMember(property, 'logicalTypeOptions') ?? {}
  const dimensions = numberMember(options, 'dimensions') ?? 1
  const elementType = textMember(options, 'elementType') ?? 'float32'
  const element = Object.hasOwn(VECTOR_ITEMS, elementType) ? VECTOR_ITEMS[elementType]! : VECTOR_ITEMS.float32!
  if (flagMember(options, 'normalized'))
    report.warning(
      [...path, 'logicalTypeOptions', 'normalized'],
      'CONTRACT_NOT_ENFORCED',
      'That a vector is normalized is not checked.',
    )
  readEnum(property, 'array', {}, path, report)
  const bare = { required: true, unique: false, primaryKeyPosition: null, description: null }
  return {
    name,
    type: 'array',
    required: flagMember(property, 'required'),
    unique: flagMember(property, 'unique'),
    primaryKeyPosition: flagMember(property, 'primaryKey')
      ? (numberMember(property, 'primaryKeyPosition') ?? -1)
      : null,
    rules: { minItems: dimensions, maxItems: dimensions },
    description: textMember(property, 'description'),
    items: { name: 'item', ...element, ...bare },
    ...readSemantics(property, path),
  }
}

/** What the property means; nothing where the contract says nothing about it. */
function readSemantics(property: JsonObject, path: Path): { semantics?: Semantics } {
  const semantics: Semantics = {
    businessName: textMember(property, 'businessName'),
    classification: textMember(property, 'classification'),
    semanticType: textMember(property, 'semanticType') as Semantics['semanticType'],
    tags: textsMember(property, 'tags'),
    synonyms: entries(property, 'synonyms', path).flatMap(({ value }) => textMember(value, 'synonym') ?? []),
    definitions: entries(property, 'authoritativeDefinitions', path).flatMap(
      ({ value }) => textMember(value, 'url') ?? [],
    ),
    deprecated: flagMember(property, 'deprecated'),
  }
  const silent = Object.values(semantics).every((said) => said === null || said === false || said?.length === 0)
  return silent ? {} : { semantics }
}

function readType(property: JsonObject, name: string, path: Path, report: Report): LogicalType | null {
  const type = textMember(property, 'logicalType')
  if (type === null) {
    if (!Object.hasOwn(property, 'logicalType'))
      report.error(
        path,
        'CONTRACT_MISSING_KEY',
        `The field "${name}" needs a "logicalType": Covenant checks each value.`,
      )
    return null
  }
  if (SUPPORTED.includes(type)) return type as LogicalType
  if (type === 'vector') return 'array'
  return null
}

function readNested(
  property: JsonObject,
  type: LogicalType,
  path: Path,
  report: Report,
): { fields?: readonly Field[]; items?: Field } {
  if (type === 'object') return { fields: readObjectFields(property, path, report) }
  if (type === 'array') return readItems(property, 'items', 'item', path, report)
  if (type !== 'map') return {}
  const map = objectMember(property, 'map')
  if (map === null) return {}
  checkMapKey(map, [...path, 'map'], report)
  return readItems(map, 'value', 'value', [...path, 'map'], report)
}

/** `logicalTypeOptions.required` of an object is another way to say `required` of its fields. */
function readObjectFields(property: JsonObject, path: Path, report: Report): readonly Field[] {
  const fields = readFields(property, path, report)
  const options = objectMember(property, 'logicalTypeOptions')
  const required = options === null ? [] : textsMember(options, 'required')
  for (const name of required)
    if (!fields.some((field) => field.name === name))
      report.error(
        [...path, 'logicalTypeOptions', 'required'],
        'CONTRACT_FIELD_UNKNOWN',
        `"required" names "${name}", which is not among the properties of this object.`,
      )
  return fields.map((field) => (required.includes(field.name) ? { ...field, required: true } : field))
}

function readItems(parent: JsonObject, key: string, fallback: string, path: Path, report: Report): { items?: Field } {
  const property = objectMember(parent, key)
  if (property === null) {
    if (!Object.hasOwn(parent, key))
      report.error(path, 'CONTRACT_MISSING_KEY', `The required key "${key}" is missing: it says what is inside.`)
    return {}
  }
  const items = readField(property, textMember(property, 'name') ?? fallback, [...path, key], report)
  return items === null ? {} : { items }
}

function checkMapKey(map: JsonObject, path: Path, report: Report): void {
  const key = objectMember(map, 'key')
  if (key === null) return
  const type = textMember(key, 'logicalType')
  if (type !== 'string')
    report.error(
      [...path, 'key'],
      'CONTRACT_UNSUPPORTED',
      'The keys of a map must have the logicalType string, as JSON has them.',
    )
  else if (Object.hasOwn(key, 'logicalTypeOptions') || Object.hasOwn(key, 'enum'))
    report.error([...path, 'key'], 'CONTRACT_UNSUPPORTED', 'Rules on the keys of a map are not supported. Remove them.')
}
