import { type Json, parseDuration } from '../../kernel/index.ts'
import type { AggregateName, FeatureView } from '../define/types.ts'
import type { FeatureValue } from '../ports.ts'

export interface AggregatePlan {
  readonly name: string
  readonly aggregate: AggregateName
  /** Index into the plan's `fields`; -1 where events are counted. */
  readonly field: number
  readonly windowMs: number
}

/** What an executor has to do for a feature view; the same for TypeScript and SQL. */
export interface FeaturePlan {
  readonly view: string
  readonly hash: string
  /** Name and version of the view: where an online store keeps its values. */
  readonly onlineName: string
  readonly keys: readonly string[]
  /** The columns or members that the aggregates read: nothing else is kept of an event. */
  readonly fields: readonly string[]
  readonly aggregates: readonly AggregatePlan[]
  /** Distinct windows, widest first. */
  readonly windowsMs: readonly number[]
  readonly widestMs: number
}

const plans = new WeakMap<FeatureView, FeaturePlan>()

/** The plan of a view, computed once. */
export function featurePlan(view: FeatureView): FeaturePlan {
  const known = plans.get(view)
  if (known) return known
  const plan = compile(view)
  plans.set(view, plan)
  return plan
}

function compile(view: FeatureView): FeaturePlan {
  const features = Object.entries(view.features)
  const named = features.map(([, feature]) => feature.field).filter((field) => field !== null)
  const fields = [...new Set(named)]
  const aggregates = features.map(([name, { aggregate, field, window }]) => {
    return { name, aggregate, field: field === null ? -1 : fields.indexOf(field), windowMs: parseDuration(window)! }
  })
  const windowsMs = [...new Set(aggregates.map(({ windowMs }) => windowMs))].sort((a, b) => b - a)
  return {
    view: view.name,
    hash: view.hash,
    onlineName: `${view.name}@${view.hash.slice(0, 12)}`,
    keys: view.entity.keys,
    fields,
    aggregates,
    windowsMs,
    widestMs: windowsMs[0]!,
  }
}

/** Between the values of a key of several columns. */
const KEY_SEPARATOR = '\u001F'

/** The entity that a request or event is about; `undefined` where it lacks one of the keys. */
export function entityKey(keys: readonly string[], members: Readonly<Record<string, Json>>): string | undefined {
  if (keys.length === 1) return keyText(members[keys[0]!])
  const parts: string[] = []
  for (const key of keys) {
    const part = keyText(members[key])
    if (part === undefined) return undefined
    parts.push(part)
  }
  return parts.join(KEY_SEPARATOR)
}

function keyText(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** A member as a feature value: a number as it is, a boolean as 0 or 1, null for everything else. */
export function numberOf(value: Json | undefined): FeatureValue {
  if (typeof value === 'number') return value
  return typeof value === 'boolean' ? Number(value) : null
}
