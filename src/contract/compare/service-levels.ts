import { HOUR_MS } from '../../kernel/index.ts'
import type { Contract, Incompatibility, SlaProperty } from '../define.ts'
import { levelKind, levelTarget } from '../service-level.ts'

/** Levels of which less is more; of the others more is more. */
const LESS_IS_MORE: ReadonlySet<string> = new Set([
  'latency',
  'frequency',
  'errorRate',
  'timeToDetect',
  'timeToNotify',
  'timeToRepair',
  'generalAvailability',
])

/** Service levels that promise less than before: loosened, moved earlier, or gone. */
export function loosenedLevels(older: Contract, newer: Contract): readonly Incompatibility[] {
  return older.sla.flatMap((before) => {
    if (levelKind(before.property) === null) return []
    const same = newer.sla.filter(({ property, field }) => property === before.property && field === before.field)
    if (same.some((after) => promisesAsMuch(before, after))) return []
    const of = before.field === null ? '' : ` of "${before.field}"`
    const now = same.length === 0 ? 'nothing' : shown(same[0]!)
    const message = `The promised ${before.property}${of} changed from ${shown(before)} to ${now}: readers rely on it.`
    const rule = before.property === 'latency' ? 'sla-latency' : 'sla'
    return [{ path: levelPath(before), message, rule, witness: null, breaks: 'readers' } as const]
  })
}

/** Names a level; two of one property are told apart by the element that they are about. */
export function levelPath({ property, field }: SlaProperty): string {
  return field === null ? `slaProperties.${property}` : `slaProperties.${property}(${field})`
}

function promisesAsMuch(before: SlaProperty, after: SlaProperty): boolean {
  const [was, is] = [before, after].map(({ property, value, unit }) => levelTarget(property, value, unit))
  // A level that cannot be evaluated was never promised.
  if (was === null || was === undefined) return true
  if (is === null || is === undefined) return false
  const asMuch = LESS_IS_MORE.has(before.property) ? is <= was : is >= was
  return asMuch && (after.objective?.percent ?? 100) >= (before.objective?.percent ?? 100)
}

function shown({ value, unit, valueMs, property, objective }: SlaProperty): string {
  const share = objective === undefined ? '' : ` for ${objective.percent} percent`
  if (property === 'latency' && valueMs !== null) return `${Number((valueMs / HOUR_MS).toFixed(3))} h${share}`
  return `${typeof value === 'string' ? value : JSON.stringify(value)}${unit === null ? '' : ` ${unit}`}${share}`
}
