import { Cron } from 'croner'
import { type JsonObject, messageOf } from '../../kernel/index.ts'
import type { Path, Report } from '../problem.ts'
import { textMember } from './members.ts'
import { checkNear } from './near.ts'

/** Reads `scheduler` and `schedule` of the quality rule or service level at `path`: a cron expression in UTC, or `null`. */
export function readSchedule(owner: JsonObject, path: Path, report: Report): string | null {
  const scheduler = textMember(owner, 'scheduler')
  const schedule = textMember(owner, 'schedule')
  if (scheduler !== null && scheduler !== 'cron') {
    if (checkNear(scheduler, ['cron'], [...path, 'scheduler'], report)) return null
    report.warning(
      [...path, 'scheduler'],
      'CONTRACT_NOT_ENFORCED',
      `The scheduler "${scheduler}" is not used: only "cron" is.`,
    )
    return null
  }
  if (schedule === null) return null
  const fault = cronFault(schedule)
  if (fault === null) return schedule
  report.error([...path, 'schedule'], 'CONTRACT_CRON_INVALID', `"schedule" is not a cron expression: ${fault}.`)
  return null
}

/** What is wrong with the expressions met before: contracts share a few, and finding the next moment takes its time. */
const KNOWN = new Map<string, string | null>()
const KNOWN_MAX = 1_000

function cronFault(expression: string): string | null {
  const known = KNOWN.get(expression)
  if (known !== undefined) return known
  if (KNOWN.size >= KNOWN_MAX) KNOWN.clear()
  const fault = findFault(expression)
  KNOWN.set(expression, fault)
  return fault
}

function findFault(expression: string): string | null {
  try {
    const next = new Cron(expression, { paused: true, timezone: 'UTC' }).nextRun(new Date(0))
    return next === null ? 'it never fires' : null
  } catch (thrown) {
    return messageOf(thrown)
      .replace(/^CronPattern: /, '')
      .replace(/\.$/, '')
  }
}
