import { canonicalJson, type Json, type JsonObject } from '../../../kernel/index.ts'
import { acceptsInstance, StepsSpent } from './accepts.ts'
import type { JsonSchemaDocument, Schema, SchemaError } from './define.ts'
import { InstanceSearch } from './instances.ts'
import { kindOf } from './kinds.ts'

export { readJsonSchema } from './read.ts'

/** Steps of the search: about a second. */
const STEPS_MAX = 300_000
/** Steps that one instance may take before ajv sees it too. */
const STEPS_EACH_MAX = 50_000
const REASONS_MAX = 50

export interface Refusals {
  readonly reasons: readonly Refusal[]
  /** Places of which neither an instance nor a rule tells whether they fit. */
  readonly undecided: readonly UndecidedPlace[]
}

export interface UndecidedPlace {
  readonly path: string
  readonly schemaPath: string
  readonly message: string
}

const SPENT: UndecidedPlace = {
  path: '',
  schemaPath: '#',
  message: 'The schemas are too large to try every place of theirs; none of those tried shows a difference.',
}

const UNKNOWN: UndecidedPlace = {
  path: '',
  schemaPath: '#',
  message: 'No instance of the one schema was found to try on the other.',
}

/** An instance that one schema accepts and another refuses, and what the other one says. */
export interface Refusal {
  readonly path: string
  readonly schemaPath: string
  readonly kind: string
  readonly message: string
  readonly witness: Json
}

/**
 * What `refusing` has against instances of `accepting`: each with an instance that ajv accepts under the one and refuses
 * under the other. Bounded: the search counts its steps.
 */
export function refused(accepting: JsonSchemaDocument, refusing: JsonSchemaDocument): Refusals {
  if (accepting.text === refusing.text) return { reasons: [], undecided: [] }
  const reasons = new Map<string, Refusal>()
  const search = new InstanceSearch(accepting, refusing, { left: STEPS_MAX })
  const { ended, found } = candidates(search, accepting.root, refusing.root)
  for (const witness of found) {
    const errors = verified(accepting, refusing, witness)
    for (const error of errors === null ? [] : topErrors(errors)) {
      const known = reasons.get(error.schemaPath)
      if (known !== undefined || reasons.size >= REASONS_MAX) continue
      reasons.set(error.schemaPath, toRefusal(accepting, error, witness))
    }
  }
  const open = !ended ? SPENT : search.sampled ? unsearchable(accepting, refusing) : UNKNOWN
  const undecided = reasons.size > 0 || open === null ? [] : [open]
  return { reasons: [...reasons.values()], undecided }
}

/** Keywords whose combinations with others no search of this kind tries in full. */
const UNSEARCHABLE =
  /"(not|contains|if|propertyNames|dependentSchemas|unevaluatedProperties|unevaluatedItems|\$dynamicRef)":/

function unsearchable(...documents: readonly JsonSchemaDocument[]): UndecidedPlace | null {
  const [, keyword] = documents.map(({ text }) => UNSEARCHABLE.exec(text)).find((found) => found !== null) ?? []
  if (keyword === undefined) return null
  const message = `No instance tried shows a difference, but "${keyword}" can be combined in more ways than were tried.`
  return { path: '', schemaPath: '#', message }
}

/** Small ones first, so that each reason is shown by an instance that has little else. */
function candidates(search: InstanceSearch, accepting: Schema, refusing: Schema): Search {
  let ended = true
  try {
    search.find({ accepting: [accepting], refusing: [refusing], spoken: [] })
  } catch (thrown) {
    if (!(thrown instanceof StepsSpent || thrown instanceof RangeError)) throw thrown
    ended = false
  }
  return { ended, found: search.found.toSorted((a, b) => weight(a) - weight(b)) }
}

interface Search {
  /** False where the steps were spent before everything was tried. */
  readonly ended: boolean
  readonly found: readonly Json[]
}

function weight(value: Json): number {
  return JSON.stringify(value).length
}

/** The errors of the refusing side, where ajv accepts the instance under the other one. */
function verified(
  accepting: JsonSchemaDocument,
  refusing: JsonSchemaDocument,
  value: Json,
): readonly SchemaError[] | null {
  if (!isQuick(accepting, value) || !isQuick(refusing, value)) return null
  if (accepting.errors(value)?.length !== 0) return null
  const errors = refusing.errors(value)
  return errors === null || errors.length === 0 ? null : errors
}

function isQuick(document: JsonSchemaDocument, value: Json): boolean {
  try {
    acceptsInstance(document, document.root, value, { left: STEPS_EACH_MAX, thorough: true })
    return true
  } catch {
    return false
  }
}

const COMBINING = new Set(['anyOf', 'oneOf', 'not', 'if', 'contains', 'propertyNames'])

/** Without the errors inside the branches of a combination: the combination says it. */
function topErrors(errors: readonly SchemaError[]): readonly SchemaError[] {
  const combining = errors.filter(({ keyword }) => COMBINING.has(keyword))
  const rest = errors.filter(
    (error) => !combining.some((each) => each !== error && error.schemaPath.startsWith(`${each.schemaPath}/`)),
  )
  return rest.length > 0 ? rest : errors
}

function toRefusal(accepting: JsonSchemaDocument, error: SchemaError, witness: Json): Refusal {
  const { kind, before } = kindOf(accepting, error, witness)
  const place = error.instancePath === '' ? 'the document' : error.instancePath
  const was = before === undefined ? 'none' : JSON.stringify(before)
  const message = `${kind}: ${place} ${error.message}; the other schema says ${error.keyword} ${was}.`
  return { path: error.instancePath, schemaPath: error.schemaPath, kind, message, witness }
}

/** A JSON Schema in one way of writing: its members in order. */
export function canonicalJsonSchema(schema: Json): string {
  return canonicalJson(schema as JsonObject)
}
