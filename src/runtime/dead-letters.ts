import type { Clock } from '../kernel/index.ts'
import type { Registry } from '../registry/index.ts'
import {
  type DiscardReport,
  type DiscardRequest,
  discardDeadLetters,
  type ReplayReport,
  type ReplayRequest,
  reopenDeadLetters,
  replayDeadLetters,
} from '../validation/index.ts'
import type { Stores } from './stores.ts'

/** What is needed to change states of dead letters. Works beside a process that runs the loop. */
export interface DeadLetterParts {
  readonly stores: Pick<Stores, 'log' | 'deadLetters'>
  readonly registry: Registry
  readonly clock: Clock
}

/** Replays dead letters of the topics, each under its newest registered contract version; a report for each topic. */
export async function replayTopics(
  { stores, registry, clock }: DeadLetterParts,
  topics: readonly string[],
  request: ReplayRequest,
): Promise<readonly ReplayReport[]> {
  const reports: ReplayReport[] = []
  for (const topic of topics) {
    const current = await registry.latest(topic)
    if (current !== undefined) reports.push(await replayDeadLetters({ ...partsOf(stores, clock), current }, request))
  }
  return reports
}

/** Discards open dead letters of the topics, or with `reopen` takes that back; a report for each topic. */
export async function discardInTopics(
  { stores, clock }: Omit<DeadLetterParts, 'registry'>,
  topics: readonly string[],
  request: Omit<DiscardRequest, 'topic'>,
  { reopen = false } = {},
): Promise<readonly DiscardReport[]> {
  const change = reopen ? reopenDeadLetters : discardDeadLetters
  const reports: DiscardReport[] = []
  for (const topic of topics) reports.push(await change(partsOf(stores, clock), { ...request, topic }))
  return reports
}

function partsOf({ log, deadLetters }: DeadLetterParts['stores'], clock: Clock) {
  return { log, deadLetters, clock }
}
