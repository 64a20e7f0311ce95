import type { ErrorObject, ValidateFunction } from 'ajv/dist/2019.js'
import { didYouMean, isJsonObject, type Json, type JsonObject, lazy, nearest } from '../../kernel/index.ts'
import type { Path, Report } from '../problem.ts'
import compatibility from './covenant-compatibility.schema.json' with { type: 'json' }
import dlq from './covenant-dlq.schema.json' with { type: 'json' }
import migrations from './covenant-migrations.schema.json' with { type: 'json' }
import objective from './covenant-objective.schema.json' with { type: 'json' }
import schemaRegistry from './covenant-schema-registry.schema.json' with { type: 'json' }
import stage from './covenant-stage.schema.json' with { type: 'json' }
import stream from './covenant-stream.schema.json' with { type: 'json' }
import { explain } from './explain.ts'
import odcs from './odcs-3.2.0.schema.json' with { type: 'json' }
import { validate as conformsToOdcs } from './odcs-3.2.0.validator.ts'

const ajv2019 = lazy<typeof import('ajv/dist/2019.js')>('ajv/dist/2019.js', import.meta.url)

/**
 * Judges a document by the official JSON schema of ODCS 3.2.0, which also accepts 3.0 and 3.1 documents, and reports
 * every deviation in words. The file is the one that `datacontract-cli` 1.2.8 bundles (MIT, Entropy Data GmbH); its
 * hash is pinned by a test.
 */
export function checkStructure(document: Json, report: Report): void {
  // The code of the schema says whether; only for a document that deviates is the schema compiled, to say where.
  if (!conformsToOdcs(document)) judge('odcs', odcs, document, [], report)
  checkOpenPlaces(document, report)
}

/** The official schema leaves `description` open, by oversight it seems: a slip there would pass. */
function checkOpenPlaces(document: Json, report: Report): void {
  const description = isJsonObject(document) ? document.description : null
  if (!isJsonObject(description)) return
  const known = Object.keys(odcs.properties.description.properties)
  for (const key of Object.keys(description).filter((name) => !known.includes(name))) {
    const guess = nearest(key, known)
    const message = `Unknown key "${key}" in "description".${guess === null ? ` Known here: ${known.join(', ')}.` : didYouMean(guess)}`
    report.error(['description', key], 'CONTRACT_UNKNOWN_KEY', message, guess)
  }
}

/** The published JSON schemas of the values of Covenant's custom properties. */
const PROPERTY_SCHEMAS = {
  'covenant.stream': stream,
  'covenant.dlq': dlq,
  'covenant.migrations': migrations,
  'covenant.compatibility': compatibility,
  'covenant.stage': stage,
  'covenant.objective': objective,
  'covenant.schemaRegistry': schemaRegistry,
} as const

export type PropertyName = keyof typeof PROPERTY_SCHEMAS

/** The names of Covenant's custom properties. */
export const PROPERTY_NAMES: readonly string[] = Object.keys(PROPERTY_SCHEMAS)

/** The published JSON schema of the values of one of Covenant's custom properties; \`undefined\` for another name. */
export function propertySchema(name: string): JsonObject | undefined {
  return Object.hasOwn(PROPERTY_SCHEMAS, name) ? PROPERTY_SCHEMAS[name as PropertyName] : undefined
}

/** Judges the value of one of Covenant's custom properties, which stands at `path`, by its published JSON schema. */
export function checkProperty(name: PropertyName, value: Json, path: Path, report: Report): void {
  judge(name, PROPERTY_SCHEMAS[name], value, path, report)
}

const compiled = new Map<string, ValidateFunction>()

function judge(name: string, schema: object, value: Json, path: Path, report: Report): void {
  let validate = compiled.get(name)
  if (validate === undefined) {
    validate = compile(schema)
    compiled.set(name, validate)
  }
  if (validate(value)) return
  const subject = path.length === 0 ? 'The document' : `"${name}"`
  const findings = explain(schema, value, validate.errors as ErrorObject[])
  // The schema is the judge: what it refuses is refused, also where no finding explains it.
  if (findings.length === 0)
    report.error(
      path,
      'CONTRACT_WRONG_VALUE',
      `${subject} does not conform to the JSON schema of ${path.length === 0 ? 'ODCS 3.2' : name}.`,
    )
  for (const { path: within, code, message, suggestion } of findings)
    report.error(
      [...path, ...within],
      code,
      message.replace(/^The document\b/, () => subject),
      suggestion,
    )
}

/** Compiled on first use: it takes a tenth of a second, which most commands need not spend. */
function compile(schema: object): ValidateFunction {
  // Without the optimiser: it triples the time to compile, and a contract is small. The schemas are our own, their hashes
  // pinned: they need not be held against the schema of schemas each time.
  const ajv = new (ajv2019().Ajv2019)({
    meta: false,
    validateSchema: false,
    strict: false,
    allErrors: true,
    verbose: true,
    validateFormats: false,
    code: { optimize: false },
  })
  return ajv.compile(schema)
}
