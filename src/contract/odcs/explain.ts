import type { ErrorObject } from 'ajv'
import { didYouMean, isJsonObject, type Json, type JsonObject, nearest } from '../../kernel/index.ts'
import type { ContractErrorCode } from '../errors.ts'
import type { Path } from '../problem.ts'
import { knownKeys, resolve } from './known-keys.ts'

/** A deviation from a JSON schema, in words. */
export interface Finding {
  readonly path: Path
  readonly code: ContractErrorCode
  readonly message: string
  readonly suggestion: string | null
}

/** One slip causes up to ten errors; a file made to harm could cause millions. */
const MAX_ERRORS = 2_000

/**
 * Turns ajv's errors, of which one slip can cause a dozen, into one finding a slip: branches that were not meant are
 * dropped, and so are keys that only look unknown because the branch that knows them failed.
 */
export function explain(schema: object, document: Json, errors: readonly ErrorObject[]): readonly Finding[] {
  const relevant = errors.slice(0, MAX_ERRORS).filter(({ keyword }) => keyword !== 'if')
  // Which keys belong to an entry follows from its kind: where that is mistyped, nothing can be said about them.
  const mistyped = new Set(relevant.filter(({ keyword }) => keyword === 'enum').map(({ instancePath }) => instancePath))
  const findings = new Map<string, Finding>()
  for (const error of withoutOtherBranches(schema, relevant)) {
    const kindUnknown = ['type', 'logicalType'].some((key) => mistyped.has(`${error.instancePath}/${key}`))
    const finding = describe(schema, error, toPath(error.instancePath, document), kindUnknown)
    if (finding !== null) findings.set(`${finding.path.join('/')} ${finding.message}`, finding)
  }
  return [...findings.values()]
}

/**
 * Of a failed `oneOf` or `anyOf`, keeps the errors of the branch whose type the value has (it is the one that was
 * meant), else the failure itself.
 */
function withoutOtherBranches(root: object, errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let kept = errors
  for (const choice of errors.filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf')) {
    const branchesOf = branchFinder(root, choice)
    const inside = kept.filter((error) => error !== choice && branchesOf(error).length > 0)
    const refused = new Set(inside.filter((error) => isTypeOf(error, choice)).flatMap(branchesOf))
    // A definition that several branches share fails in the one whose type the value has.
    const branchOf = (error: ErrorObject) => branchesOf(error).find((branch) => !refused.has(branch)) ?? null
    const meant = inside.filter((error) => branchOf(error) !== null)
    const branches = new Set(meant.map(branchOf))
    const drop = new Set<ErrorObject>(branches.size === 1 && refused.size > 0 ? [choice] : meant)
    for (const error of inside) if (branchOf(error) === null) drop.add(error)
    kept = kept.filter((error) => !drop.has(error))
  }
  return kept
}

/**
 * Says in which branches of a choice an error may have arisen. ajv's schema path tells it, but for branches that are
 * references: of those it may begin anew at the referenced definition, so there the failed part of the schema decides.
 */
function branchFinder(root: object, choice: ErrorObject): (error: ErrorObject) => readonly string[] {
  const prefix = `${choice.schemaPath}/`
  const branches: readonly unknown[] = Array.isArray(choice.schema) ? choice.schema : []
  let parts: readonly ReadonlySet<unknown>[] | null = null
  return (error) => {
    if (!error.instancePath.startsWith(choice.instancePath)) return []
    if (error.schemaPath.startsWith(prefix)) return [error.schemaPath.slice(prefix.length).split('/')[0]!]
    parts ??= branches.map((branch) => partsOf(root, branch))
    return parts.flatMap((each, index) => (each.has(error.parentSchema) ? [String(index)] : []))
  }
}

/** A schema with all its parts, references followed. */
function partsOf(root: object, schema: unknown, found = new Set<unknown>()): ReadonlySet<unknown> {
  if (typeof schema !== 'object' || schema === null || found.has(schema)) return found
  found.add(schema)
  for (const [key, part] of Object.entries(schema))
    partsOf(root, key === '$ref' && typeof part === 'string' ? resolve(root as JsonObject, part) : part, found)
  return found
}

function isTypeOf(error: ErrorObject, choice: ErrorObject): boolean {
  return error.keyword === 'type' && error.instancePath === choice.instancePath
}

function describe(schema: object, error: ErrorObject, path: Path, kindUnknown: boolean): Finding | null {
  const params = error.params as Readonly<Record<string, unknown>>
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(schema, error, path, String(params.additionalProperty), kindUnknown)
    case 'unevaluatedProperties':
      return unknownKey(schema, error, path, String(params.unevaluatedProperty), kindUnknown)
    case 'required':
      return finding(
        path,
        'CONTRACT_MISSING_KEY',
        `The required key "${String(params.missingProperty)}" is missing${where(path)}.`,
      )
    case 'type':
      return wrongType(error, path, [String(params.type)])
    case 'enum':
      return wrongValue(error, path, params.allowedValues as readonly unknown[])
    case 'oneOf':
    case 'anyOf':
      return wrongChoice(error, path, params)
    case 'pattern':
      return finding(
        path,
        'CONTRACT_WRONG_VALUE',
        `${named(path)} is ${shown(error.data)}, which does not match ${String(params.pattern)}.`,
      )
    default:
      return finding(
        path,
        'CONTRACT_WRONG_VALUE',
        `${named(path)} ${error.message ?? 'is not allowed'}, found ${shown(error.data)}.`,
      )
  }
}

function finding(path: Path, code: ContractErrorCode, message: string, suggestion: string | null = null): Finding {
  return { path, code, message, suggestion }
}

function unknownKey(schema: object, error: ErrorObject, path: Path, key: string, kindUnknown: boolean): Finding | null {
  const known = knownKeys(schema, error.parentSchema as object, error.data as Json)
  // ajv calls a key "unevaluated" also where the branch that knows it failed for another reason, which is told already.
  if (known.here.has(key) || (kindUnknown && known.elsewhere.has(key))) return null
  const at = [...path, key]
  if (known.elsewhere.has(key))
    return finding(at, 'CONTRACT_UNKNOWN_KEY', `The key "${key}" does not belong to ${kindOf(error.data)}.`)
  const guess = nearest(key, [...known.here])
  const hint = guess === null ? ` Known here: ${[...known.here].sort().join(', ')}.` : didYouMean(guess)
  return finding(at, 'CONTRACT_UNKNOWN_KEY', `Unknown key "${key}"${where(path)}.${hint}`, guess)
}

function kindOf(data: unknown): string {
  if (!isJsonObject(data)) return 'this place'
  if (typeof data.logicalType === 'string') return `a property of logicalType ${data.logicalType}`
  return typeof data.type === 'string' ? `an entry of type ${data.type}` : 'an entry without a type'
}

function wrongType(error: ErrorObject, path: Path, types: readonly string[]): Finding {
  const quote = typeof error.data === 'number' && types.includes('string')
  const hint = quote ? ` Put it in quotes: "${String(error.data)}".` : ''
  const message = `${named(path)} must be ${types.map(article).join(' or ')}, found ${shown(error.data)}.${hint}`
  return finding(path, 'CONTRACT_WRONG_TYPE', message, quote ? `"${String(error.data)}"` : null)
}

function wrongValue(error: ErrorObject, path: Path, allowed: readonly unknown[]): Finding {
  const guess = typeof error.data === 'string' ? nearest(error.data, allowed.map(String)) : null
  const message = `${named(path)} must be one of ${allowed.map(String).join(', ')}, found ${shown(error.data)}.${didYouMean(guess)}`
  return finding(path, 'CONTRACT_WRONG_VALUE', message, guess)
}

/** A choice none of whose branches, or more than one, fits: between types, or between sets of required keys. */
function wrongChoice(error: ErrorObject, path: Path, params: Readonly<Record<string, unknown>>): Finding {
  const branches = Array.isArray(error.schema) ? (error.schema as readonly unknown[]) : []
  const required = branches.flatMap((branch) => (isJsonObject(branch) ? ((branch.required ?? []) as string[]) : []))
  if (isJsonObject(error.data) && required.length === branches.length && required.length > 0) {
    if (!Array.isArray(params.passingSchemas))
      return finding(
        path,
        'CONTRACT_MISSING_KEY',
        `${named(path)} needs one of ${required.join(', ')}, with a value of the right type.`,
      )
    const both = params.passingSchemas.map((index: number) => `"${required[index]}"`).join(' and ')
    return finding(path, 'CONTRACT_WRONG_VALUE', `${named(path)} has ${both}: only one of them may stand here.`)
  }
  const types = branches.flatMap((branch) =>
    isJsonObject(branch) && typeof branch.type === 'string' ? [branch.type] : [],
  )
  if (types.length === branches.length && types.length > 0) return wrongType(error, path, [...new Set(types)])
  return finding(
    path,
    'CONTRACT_WRONG_VALUE',
    `${named(path)} has none of the forms that ODCS allows here, found ${shown(error.data)}.`,
  )
}

/** How a message names the value at a path. */
function named(path: Path): string {
  const last = path.at(-1)
  if (last === undefined) return 'The document'
  const parent = path.at(-2)
  return typeof last === 'number' ? `Entry ${last + 1} of "${String(parent ?? '')}"` : `"${last}"`
}

function where(path: Path): string {
  const last = path.at(-1)
  if (last === undefined) return ''
  return typeof last === 'number' ? ` in entry ${last + 1} of "${String(path.at(-2) ?? '')}"` : ` in "${last}"`
}

function article(type: string): string {
  if (type === 'object') return 'a mapping'
  if (type === 'array') return 'a list'
  if (type === 'string') return 'text'
  if (type === 'null') return 'null'
  return type === 'integer' ? 'a whole number' : type === 'boolean' ? 'true or false' : `a ${type}`
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (isJsonObject(value)) return 'a mapping'
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** JSON pointer → path, with numbers where the document has a list. */
function toPath(pointer: string, document: Json): Path {
  const path: (string | number)[] = []
  let value: unknown = document
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    const step = Array.isArray(value) ? Number(key) : key
    path.push(step)
    value = (value as Record<string | number, unknown> | null)?.[step]
  }
  return path
}
