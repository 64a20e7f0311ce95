import { HOUR_MS, type Json } from '../../kernel/index.ts'
import type { Contract, FieldPlan, Incompatibility, SlaProperty } from '../define.ts'
import { acceptsDocument } from '../plan/accepts.ts'
import { compileValidationPlan } from '../plan/validation-plan.ts'
import { type Difference, memberDifferences } from './fields.ts'

/**
 * Compares two versions of a contract by meaning and lists what does not fit, in both directions: what readers of the
 * older version could meet and not accept, and what writers of the older version could send and the newer one refuses.
 *
 * The model is lenient: members that a version does not declare do not count, so a new optional field is compatible,
 * and so is the removal of an optional one. Beyond documents, a change of topic, record key, event time or change data
 * capture, and a service level `latency` that promises less, are incompatible too.
 *
 * Sound, by property test: what it does not report no document shows. It may report without a witness where two regular
 * expressions differ and no text was found that tells them apart.
 *
 * @example
 * for (const { message, witness } of compatibility(older, newer)) console.log(message, JSON.stringify(witness))
 */
export function compatibility(older: Contract, newer: Contract): Incompatibility[] {
  const [before, after] = [compileValidationPlan(older).fields, compileValidationPlan(newer).fields]
  return [
    ...streamChanges(older, newer),
    ...direction('readers', after, before, older, newer),
    ...direction('writers', before, after, older, newer),
    ...latencyChanges(older, newer),
  ]
}

function direction(
  breaks: Incompatibility['breaks'],
  accepting: readonly FieldPlan[],
  refusing: readonly FieldPlan[],
  older: Contract,
  newer: Contract,
): readonly Incompatibility[] {
  return memberDifferences(accepting, refusing).map((difference) => {
    const { path, rule, value } = difference
    const proven = value !== undefined && acceptsDocument(accepting, value) && !acceptsDocument(refusing, value)
    return {
      path,
      message: breaks === 'writers' ? tightened(difference, older, newer) : loosened(difference, older, newer),
      rule: rule === 'field-added' && breaks === 'readers' ? 'field-removed' : rule,
      witness: proven ? value : null,
      breaks,
    }
  })
}

/** The newer version refuses what the older one accepts. */
function tightened({ path, rule, accepting, refusing }: Difference, older: Contract, newer: Contract): string {
  const consequence = `${newer.version} refuses records that conform to ${older.version}.`
  if (rule === 'field-added') return `The required field "${path}" was added: ${consequence}`
  if (rule === 'required') return `The field "${path}" became required: ${consequence}`
  return `${changed(path, rule, accepting, refusing)}: ${consequence}`
}

/** The newer version accepts what the older one refuses. */
function loosened({ path, rule, accepting, refusing }: Difference, older: Contract, newer: Contract): string {
  const consequence = `readers of ${older.version} cannot accept all records of ${newer.version}.`
  if (rule === 'field-added') return `The required field "${path}" was removed: ${consequence}`
  if (rule === 'required') return `The field "${path}" became optional: ${consequence}`
  return `${changed(path, rule, refusing, accepting)}: ${consequence}`
}

function changed(path: string, rule: string, before: Json | undefined, after: Json | undefined): string {
  return `The ${rule} of "${path}" changed from ${shown(before)} to ${shown(after)}`
}

function shown(value: Json | undefined): string {
  if (value === undefined) return 'none'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

function streamChanges(older: Contract, newer: Contract): readonly Incompatibility[] {
  const changes: Incompatibility[] = []
  const compare = (rule: Incompatibility['rule'], path: string, before: Json, after: Json, why: string) => {
    if (JSON.stringify(before) === JSON.stringify(after)) return
    const message = `The ${path} changed from ${shown(before)} to ${shown(after)}: ${why}`
    changes.push({ path, message, rule, witness: null, breaks: 'readers' })
  }
  compare('topic', 'topic', older.topic, newer.topic, 'readers follow the old topic.')
  compare(
    'key',
    'key',
    older.key,
    newer.key,
    'records of one key would no longer keep their order or replace each other.',
  )
  if (older.eventTime !== null)
    compare(
      'event-time',
      'event time',
      older.eventTime,
      newer.eventTime,
      'windows and joins in time would mean something else.',
    )
  compare('cdc', 'change data capture', older.cdc, newer.cdc, 'records would have another envelope.')
  return changes
}

function latencyChanges(older: Contract, newer: Contract): readonly Incompatibility[] {
  return latencies(older).flatMap((before) => {
    const after = latencies(newer).find(({ field }) => field === before.field)
    if (after !== undefined && after.valueMs! <= before.valueMs!) return []
    const now = after === undefined ? 'nothing' : hours(after.valueMs!)
    const message = `The promised latency${before.field ? ` of "${before.field}"` : ''} changed from ${hours(before.valueMs!)} to ${now}: readers rely on it.`
    return [{ path: 'slaProperties.latency', message, rule: 'sla-latency', witness: null, breaks: 'readers' } as const]
  })
}

function latencies(contract: Contract): readonly SlaProperty[] {
  return contract.sla.filter(({ property, valueMs }) => property === 'latency' && valueMs !== null)
}

function hours(ms: number): string {
  return `${Number((ms / HOUR_MS).toFixed(3))} h`
}
