import type { Json } from '../../kernel/index.ts'
import type { Contract, Incompatibility, ValidationPlan } from '../define.ts'
import { acceptsRecord } from '../plan/accepts-record.ts'
import { compileValidationPlan } from '../plan/validation-plan.ts'
import { type Difference, memberDifferences } from './fields.ts'
import { loosenedQuality } from './quality.ts'
import { ruleDifferences } from './record-rules.ts'
import { changedSemantics } from './semantics.ts'
import { loosenedLevels } from './service-levels.ts'
import { shown } from './shown.ts'

/**
 * Compares two versions of a contract by meaning and lists what does not fit, in both directions: what readers of the
 * older version could meet and not accept, and what writers of the older version could send and the newer one refuses.
 *
 * The model is lenient: members that a version does not declare do not count, so a new optional field is compatible,
 * and so is the removal of an optional one. Rules about records count as far as they are enforced. Beyond documents, a
 * change of topic, record key, event time or change data capture is incompatible too, and so is whatever promises less:
 * service levels, quality rules, uniqueness, classification.
 *
 * Sound, by property test: what it does not report no document shows. It may report without a witness where two regular
 * expressions differ and no text was found that tells them apart.
 *
 * @example
 * for (const { message, witness } of compatibility(older, newer)) console.log(message, JSON.stringify(witness))
 */
export function compatibility(older: Contract, newer: Contract): Incompatibility[] {
  const [before, after] = [compileValidationPlan(older), compileValidationPlan(newer)]
  return [
    ...streamChanges(older, newer),
    ...direction('readers', after, before, older, newer),
    ...direction('writers', before, after, older, newer),
    ...loosenedLevels(older, newer),
    ...loosenedQuality(older, newer),
    ...changedSemantics(older, newer),
  ]
}

function direction(
  breaks: Incompatibility['breaks'],
  accepting: ValidationPlan,
  refusing: ValidationPlan,
  older: Contract,
  newer: Contract,
): readonly Incompatibility[] {
  const fields = memberDifferences(accepting.fields, refusing.fields).map((difference) => {
    const { path, rule, value } = difference
    const proven = value !== undefined && acceptsRecord(accepting, value) && !acceptsRecord(refusing, value)
    return {
      path,
      message: breaks === 'writers' ? tightened(difference, older, newer) : loosened(difference, older, newer),
      rule: rule === 'field-added' && breaks === 'readers' ? 'field-removed' : rule,
      witness: proven ? value : null,
      breaks,
    } as const
  })
  return [...fields, ...rules(breaks, accepting, refusing, older, newer)]
}

function rules(
  breaks: Incompatibility['breaks'],
  accepting: ValidationPlan,
  refusing: ValidationPlan,
  older: Contract,
  newer: Contract,
): readonly Incompatibility[] {
  return ruleDifferences(accepting, refusing).map(({ rule: { id, expected }, witness }) => {
    const message =
      breaks === 'writers'
        ? `The rule "${id}" (${shown(expected)}) is enforced now: ${newer.version} refuses records that conform to ${older.version}.`
        : `The rule "${id}" (${shown(expected)}) is no longer enforced: readers of ${older.version} cannot accept all records of ${newer.version}.`
    return { path: `rules.${id}`, message, rule: 'record-rule', witness, breaks }
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
