import type { ValidationPlan } from '../../contract/index.ts'
import { HEADERS, type TopicLog, type TopicRecord } from '../../topic/index.ts'
import type { DeadLetterStore, RegisteredVersion } from '../ports.ts'
import { LetterJudge } from './letter-judge.ts'
import { lettersOf } from './letters.ts'

/** How the open dead letters of one fingerprint would fare under a contract version. */
export interface Outlook {
  readonly fingerprint: string
  /** Why they were refused. */
  readonly reason: string
  readonly open: number
  /** Of these, how many the version accepts. */
  readonly pass: number
  /** A few that it accepts and a few that it refuses. */
  readonly examples: readonly OutlookExample[]
}

export interface OutlookExample {
  /** The raw record: `<raw topic>/<partition>/<offset>`. */
  readonly source: string
  readonly passes: boolean
  /** Why it is still refused; `null` where it passes. */
  readonly reason: string | null
}

/** Examples of each kind, for each fingerprint. */
const EXAMPLES_MAX = 3

/**
 * What a contract version, registered or only proposed, would make of the open dead letters of its topic, by
 * fingerprint, most frequent first. Letters that failed in a migration from an `earlier` version are held against that one
 * first. Reads the dead letter topic once, a few thousand records at a time.
 *
 * @example
 * for (const { fingerprint, pass, open } of await wouldPass(log, deadLetters, 'flights.arrived', plan))
 *   console.log(`${fingerprint}: ${pass} of ${open} now pass`)
 */
export async function wouldPass(
  log: TopicLog,
  deadLetters: DeadLetterStore,
  topic: string,
  plan: ValidationPlan,
  earlier: readonly RegisteredVersion[] = [],
): Promise<readonly Outlook[]> {
  const contract = { migrations: [], deadLetters: { blockKey: false, breaker: null } }
  const judge = new LetterJudge([...earlier, { plan, contract, activeFrom: [] }])
  const outlooks = new Map<string, MutableOutlook>()
  for await (const { record, state } of lettersOf({ log, deadLetters }, topic)) {
    if (state !== 'open') continue
    addToOutlook(outlooks, record, await judge.refusal(record, record.value))
  }
  return sortedOutlooks(outlooks)
}

export interface MutableOutlook {
  readonly fingerprint: string
  readonly reason: string
  open: number
  pass: number
  readonly examples: OutlookExample[]
}

/** Counts a letter that a version accepts (`refusal: null`) or refuses. */
export function addToOutlook(
  outlooks: Map<string, MutableOutlook>,
  { headers }: TopicRecord,
  refusal: string | null,
): void {
  const fingerprint = headers[HEADERS.fingerprint] ?? ''
  let outlook = outlooks.get(fingerprint)
  if (outlook === undefined) {
    outlook = { fingerprint, reason: headers[HEADERS.reason] ?? '', open: 0, pass: 0, examples: [] }
    outlooks.set(fingerprint, outlook)
  }
  const passes = refusal === null
  outlook.open++
  if (passes) outlook.pass++
  if (outlook.examples.filter((example) => example.passes === passes).length < EXAMPLES_MAX)
    outlook.examples.push({ source: headers[HEADERS.source] ?? '', passes, reason: refusal })
}

export function sortedOutlooks(outlooks: ReadonlyMap<string, MutableOutlook>): readonly Outlook[] {
  return [...outlooks.values()].sort((a, b) => b.open - a.open || (a.fingerprint < b.fingerprint ? -1 : 1))
}
