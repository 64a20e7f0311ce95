import { isJsonObject, type Json, type JsonObject, nameHint } from '../../kernel/index.ts'
import { readYaml } from '../read/yaml.ts'
import { compact, type Draft, type ImportNote } from './draft.ts'
import { importFault, parseJson } from './fault.ts'
import { propertyOfSqlType } from './sql-types.ts'

/**
 * Reads the models and sources of a dbt project: a `schema.yml` with `models`, `sources`, `seeds` or `snapshots`, or a
 * `manifest.json`. The generic tests become rules of the contract; others are noted.
 *
 * @param model Name of one model; all of them unless told.
 * @throws CovenantError `CONTRACT_IMPORT_FAILED`
 */
export function importDbt(text: string, file: string, model?: string): readonly Draft[] {
  const found = text.trimStart().startsWith('{') ? modelsOfManifest(parseJson(text, file)) : modelsOfYaml(text, file)
  const described = found.filter(({ columns }) => columns.length > 0)
  if (described.length === 0) throw importFault('The file describes no model with columns.', file)
  if (model === undefined) return described.map(draftOf)
  const chosen = described.filter(({ name }) => name === model)
  if (chosen.length > 0) return chosen.map(draftOf)
  const known = described.map(({ name }) => name)
  throw importFault(`The file describes no model ${model}.${nameHint(model, known)}`, file)
}

/** A model as both kinds of file describe it. */
interface DbtModel {
  readonly name: string
  readonly description: string | null
  readonly columns: readonly JsonObject[]
  readonly tests: readonly Json[]
  readonly constraints: readonly JsonObject[]
}

function modelsOfYaml(text: string, file: string): readonly DbtModel[] {
  const { value, problems } = readYaml(text)
  if (value === undefined) throw importFault(`The file is no YAML: ${problems[0]?.message ?? 'it is empty.'}`, file)
  if (!isJsonObject(value)) return []
  const sources = objects(value.sources).flatMap((source) => objects(source.tables))
  return [...objects(value.models), ...objects(value.seeds), ...objects(value.snapshots), ...sources].map(modelOf)
}

function modelOf(entry: JsonObject): DbtModel {
  return {
    name: String(entry.name ?? 'model'),
    description: textOf(entry.description),
    columns: objects(entry.columns),
    // `data_tests` is the name since dbt 1.8.
    tests: [...listOf(entry.tests), ...listOf(entry.data_tests)],
    constraints: objects(entry.constraints),
  }
}

const RESOURCES: readonly Json[] = ['model', 'seed', 'snapshot', 'source']

function modelsOfManifest(manifest: Json): readonly DbtModel[] {
  if (!isJsonObject(manifest)) return []
  const nodes = Object.entries({ ...asObject(manifest.nodes), ...asObject(manifest.sources) })
  const tests = nodes.flatMap(([, node]) => (isJsonObject(node) && node.resource_type === 'test' ? [node] : []))
  return nodes.flatMap(([id, node]) => {
    if (!isJsonObject(node) || !RESOURCES.includes(node.resource_type ?? null)) return []
    const own = tests.filter((test) => test.attached_node === id)
    const columns = Object.values(asObject(node.columns)).filter(isJsonObject)
    return [
      {
        name: String(node.name ?? id),
        description: textOf(node.description),
        columns: columns.map((column) => ({ ...column, tests: testsOf(own, String(column.name)) })),
        tests: testsOf(own, null),
        constraints: objects(node.constraints),
      },
    ]
  })
}

/** The tests of a manifest in the form that `schema.yml` writes them. */
function testsOf(tests: readonly JsonObject[], column: string | null): readonly JsonObject[] {
  return tests
    .filter((test) => (textOf(test.column_name) ?? null) === column)
    .map((test) => {
      const metadata = asObject(test.test_metadata)
      const { model: _, column_name: __, ...args } = asObject(metadata.kwargs)
      return { [String(metadata.name ?? test.name)]: args }
    })
}

function draftOf(model: DbtModel): Draft {
  const notes: ImportNote[] = []
  const quality: JsonObject[] = []
  const properties = model.columns.map((column) => propertyOf(column, notes))
  for (const test of model.tests) {
    const [name, args] = testOf(test)
    const columns = args.combination_of_columns
    if (name.endsWith('unique_combination_of_columns') && Array.isArray(columns))
      quality.push({ metric: 'duplicateValues', arguments: { properties: columns.map(String) }, mustBe: 0 })
    else notes.push({ path: '', message: `The test ${name} is not carried over.` })
  }
  markKeys(model.constraints, properties, notes)
  return { name: model.name, description: model.description, properties: properties.map(compact), quality, notes }
}

function propertyOf(column: JsonObject, notes: ImportNote[]): Record<string, Json> {
  const name = String(column.name ?? '')
  const property: Record<string, Json> = { name, ...typeOf(column, name, notes) }
  const description = textOf(column.description)
  if (description !== null) property.description = description
  if (Array.isArray(column.tags) && column.tags.length > 0) property.tags = column.tags.map(String)
  for (const test of [...listOf(column.tests), ...listOf(column.data_tests)]) takeTest(test, property, name, notes)
  for (const constraint of objects(column.constraints)) takeConstraint(constraint, property, name, notes)
  return property
}

function typeOf(column: JsonObject, path: string, notes: ImportNote[]): JsonObject {
  const written = textOf(column.data_type)
  const [, type = '', args = ''] = /^([a-z0-9_ ]+?)\s*(?:\(([\d\s,]+)\))?$/i.exec(written ?? '') ?? []
  const found = propertyOfSqlType({ name: type.toLowerCase(), args: args.split(',').filter(Boolean).map(Number) })
  if (found === null) {
    const what = written === null ? 'It has no data_type' : `The type ${written} is not known`
    notes.push({ path, message: `${what}; the draft says string.` })
    return compact({ logicalType: 'string', physicalType: written })
  }
  if (found.note !== null) notes.push({ path, message: found.note })
  return found.property
}

function takeTest(test: Json, property: Record<string, Json>, path: string, notes: ImportNote[]): void {
  const [name, args] = testOf(test)
  if (name === 'not_null') property.required = true
  else if (name === 'unique') property.unique = true
  else if (name === 'accepted_values' && Array.isArray(args.values))
    property.enum = (args.values as Json[]).map((value) => ({
      value: property.logicalType === 'string' ? String(value) : value,
    }))
  else if (name === 'relationships') {
    const target = /(?:ref|source)\((?:[^)]*,)?\s*['"](\w+)['"]\s*\)/.exec(String(args.to))?.[1] ?? String(args.to)
    property.relationships = [{ type: 'foreignKey', to: `${target}.${String(args.field)}` }]
  } else notes.push({ path, message: `The test ${name} is not carried over.` })
}

function takeConstraint(
  constraint: JsonObject,
  property: Record<string, Json>,
  path: string,
  notes: ImportNote[],
): void {
  if (constraint.type === 'not_null') property.required = true
  else if (constraint.type === 'unique') property.unique = true
  else if (constraint.type === 'primary_key') Object.assign(property, { required: true, primaryKey: true })
  else notes.push({ path, message: `The constraint ${String(constraint.type)} is not carried over.` })
}

function markKeys(
  constraints: readonly JsonObject[],
  properties: readonly Record<string, Json>[],
  notes: ImportNote[],
): void {
  for (const { type, columns } of constraints) {
    if (type !== 'primary_key' || !Array.isArray(columns)) {
      notes.push({ path: '', message: `The constraint ${String(type)} is not carried over.` })
      continue
    }
    columns.forEach((name, index) => {
      const property = properties.find((each) => each.name === name)
      if (property !== undefined)
        Object.assign(property, { required: true, primaryKey: true, primaryKeyPosition: index + 1 })
    })
  }
}

/** A test is a name, or a mapping of one name to its arguments, which newer versions of dbt nest in `arguments`. */
function testOf(test: Json): readonly [name: string, args: JsonObject] {
  if (!isJsonObject(test)) return [String(test), {}]
  const [name = 'test', args] = Object.entries(test)[0] ?? []
  const given = asObject(args)
  return [name, isJsonObject(given.arguments) ? given.arguments : given]
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return listOf(value).filter(isJsonObject)
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

function asObject(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}
