import { canonicalJson, type Json, type JsonObject } from '../../../kernel/index.ts'
import { acceptsInstance, type Steps, StepsSpent } from './accepts.ts'
import type { JsonSchemaDocument, Schema, SchemaError, UndecidedPlace } from './define.ts'
import { InstanceSearch } from './instances.ts'
import { kindOf } from './kinds.ts'
import { BUDGET, prove } from './prove/index.ts'

export type { JsonSchemaDocument } from './define.ts'
export { BUDGET } from './prove/index.ts'
export { readJsonSchema } from './read.ts'

/** Steps of a comparison of two schemas: well below a second. The proof may take so many, then the search. */
const PROOF_STEPS_MAX = 60_000
const SEARCH_STEPS_MAX = 150_000
/** Looking at what was found, before ajv does. */
const WITNESS_STEPS_MAX = 200_000
/** Steps that one instance may take before ajv sees it too. */
const STEPS_EACH_MAX = 50_000
const REASONS_MAX = 50

export interface Refusals {
  readonly reasons: readonly Refusal[]
  /** Where there is no refusal and no proof that there is none. */
  readonly undecided: readonly UndecidedPlace[]
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
 * under the other. None and nothing undecided: it is proved that there is no such instance. Takes its steps from those
 * of the whole call.
 */
export function refused(accepting: JsonSchemaDocument, refusing: JsonSchemaDocument, budget: Steps): Refusals {
  if (accepting.text === refusing.text && accepting.draft === refusing.draft) return { reasons: [], undecided: [] }
  const proof = spending(budget, PROOF_STEPS_MAX, (steps) => prove(accepting, refusing, steps))
  if (proof.gap === null) return { reasons: [], undecided: [] }
  const reasons = new Map<string, Refusal>()
  const { ended, found } = spending(budget, SEARCH_STEPS_MAX, (steps) =>
    candidates(new InstanceSearch(accepting, refusing, steps, proof.hints), accepting.root, refusing.root),
  )
  const looking: Steps = { left: Math.min(WITNESS_STEPS_MAX, budget.left) }
  for (const witness of found) {
    const errors = verified(accepting, refusing, witness, looking)
    for (const error of errors === null ? [] : topErrors(errors)) {
      const known = reasons.get(error.schemaPath)
      if (known !== undefined || reasons.size >= REASONS_MAX) continue
      reasons.set(error.schemaPath, toRefusal(accepting, error, witness))
    }
  }
  budget.left -= Math.min(WITNESS_STEPS_MAX, budget.left) - Math.max(0, looking.left)
  if (reasons.size > 0) return { reasons: [...reasons.values()], undecided: [] }
  return { reasons: [], undecided: [ended && looking.left > 0 ? proof.gap : BUDGET] }
}

/** Lends work its steps, and takes those that it used from the budget. */
function spending<T>(budget: Steps, most: number, work: (steps: Steps) => T): T {
  const lent = Math.max(0, Math.min(most, budget.left))
  const steps: Steps = { left: lent }
  try {
    return work(steps)
  } finally {
    budget.left -= lent - Math.max(0, steps.left)
  }
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
  steps: Steps,
): readonly SchemaError[] | null {
  if (!isQuick(accepting, value, steps) || !isQuick(refusing, value, steps)) return null
  if (accepting.errors(value)?.length !== 0) return null
  const errors = refusing.errors(value)
  return errors === null || errors.length === 0 ? null : errors
}

function isQuick(document: JsonSchemaDocument, value: Json, steps: Steps): boolean {
  const lent = Math.max(0, Math.min(STEPS_EACH_MAX, steps.left))
  const own = { left: lent, thorough: true }
  try {
    acceptsInstance(document, document.root, value, own)
    return true
  } catch {
    return false
  } finally {
    steps.left -= lent - Math.max(0, own.left)
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
