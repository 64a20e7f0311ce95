import { type EpochMs, quoteName } from '../../kernel/index.ts'
import type { SqlEngine } from '../../lake/index.ts'
import { numberOf } from '../verdict.ts'
import type { EventTimes } from './define.ts'

/** What new rows say about event times, with what was known before them. */
export interface TimesFound {
  readonly times: EventTimes | null
  readonly oldest: EpochMs | null
}

interface Question {
  /** SQL relation of the rows that are new since the evaluation before. */
  readonly rows: string
  readonly field: string
  readonly now: EpochMs
  /** As the evaluation before found them. */
  readonly watermark: EpochMs | null
  readonly oldest: EpochMs | null
}

/**
 * Reads the event times of new rows only, so that an evaluation costs what the new rows cost. A row that comes late,
 * behind the watermark, makes the oldest event older, but mends no pause that was told already.
 */
export async function eventTimes(engine: SqlEngine, question: Question): Promise<TimesFound> {
  const [row] = await engine.query(timesSql(question))
  const oldest = earliest(question.oldest, numberOf(row?.oldest))
  const watermark = numberOf(row?.watermark) ?? question.watermark
  if (watermark === null) return { times: null, oldest }
  const pauseMs = numberOf(row?.pause) ?? 0
  return { times: { watermark, pauseMs, pauseFrom: numberOf(row?.pause_from) ?? watermark }, oldest }
}

function timesSql({ rows, field, now, watermark }: Question): string {
  const time = `${quoteName(field)}::TIMESTAMP`
  const known = watermark === null ? '' : `UNION ALL SELECT epoch_ms(${watermark}::BIGINT)`
  const ahead = watermark === null ? 'true' : `t >= epoch_ms(${watermark}::BIGINT)`
  return `WITH times AS MATERIALIZED (SELECT ${time} AS t FROM ${rows} WHERE ${time} <= epoch_ms(${now}::BIGINT)),
    pauses AS (
      SELECT t, lag(t) OVER (ORDER BY t) AS before FROM (SELECT t FROM times ${known}) WHERE ${ahead}
    )
    SELECT (SELECT epoch_ms(min(t)) FROM times) AS oldest, epoch_ms(max(t)) AS watermark,
      max(epoch_ms(t) - epoch_ms(before)) AS pause,
      epoch_ms(arg_max(before, t - before)) AS pause_from
    FROM pauses`
}

function earliest(a: EpochMs | null, b: EpochMs | null): EpochMs | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}
