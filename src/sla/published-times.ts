import type { EpochMs } from '../kernel/index.ts'
import type { SqlEngine } from '../lake/index.ts'
import { timesSql } from './audit-sql.ts'
import type { AuditPlan } from './plan.ts'
import type { AuditRelations, Range } from './relations.ts'
import { numberOf } from './verdict.ts'

/** One audit while it is measured. */
export interface Subject extends AuditRelations {
  readonly engine: SqlEngine
  readonly plan: AuditPlan
  readonly range: Range
  readonly now: EpochMs
}

/** The newest time that a field has in some rows, and the newest that is not in the future. */
export interface NewestTimes {
  readonly last: EpochMs | null
  readonly happened: EpochMs | null
}

/**
 * The newest times of published rows. They are remembered from audit to audit, since reading them takes a scan that
 * grows with the lake; what is remembered is what the scan would give.
 */
export class PublishedTimes {
  readonly #remembered = new Map<string, { readonly upTo: number; readonly last: EpochMs | null }>()

  /** Of the published rows before `range`, or also of rows within it. */
  async of(subject: Subject, field: string): Promise<NewestTimes> {
    const { engine, range, published, now } = subject
    if (published === null) return { last: null, happened: null }
    const known = this.#remembered.get(`${range.table}/${field}`)
    if (known && known.upTo >= range.after) return { last: known.last, happened: known.last }
    const [row] = await engine.query(`SELECT ${timesSql({ field, suffix: '' }, now)} FROM ${published}`)
    return { last: numberOf(row!.last), happened: numberOf(row!.happened) }
  }

  /** `last` is the newest time up to the end of `range`. A time in the future is looked at again next time. */
  remember({ range, now }: Subject, field: string, last: EpochMs | null): void {
    if (last === null || last <= now) this.#remembered.set(`${range.table}/${field}`, { upTo: range.upTo, last })
    else this.#remembered.delete(`${range.table}/${field}`)
  }
}
