import { type Contract, compileValidationPlan } from '../contract/index.ts'
import type { Clock } from '../kernel/index.ts'
import type { ContractChange, Registry } from '../registry/index.ts'
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
    const versions = await registry.versionsOf(topic)
    if (versions.length > 0) reports.push(await replayDeadLetters({ ...partsOf(stores, clock), versions }, request))
  }
  return reports
}

/** What becomes of open dead letters when contract versions are registered. */
export interface RedriveOptions {
  /** Nothing is registered, and nothing written. */
  readonly planOnly: boolean
  /** Replay those that pass, of every topic; else only where the contract says `replayOnMerge`. */
  readonly redrive: boolean
  readonly actor: string
}

/**
 * Replay on merge: how many of the open dead letters each new contract version accepts, and where that is asked for,
 * those are replayed. It is done for unchanged versions too, so that applying again finishes what was cut short.
 */
export async function redriveAfterApply(
  { stores, registry, clock }: DeadLetterParts,
  contracts: readonly Contract[],
  changes: readonly ContractChange[],
  { planOnly, redrive, actor }: RedriveOptions,
): Promise<readonly ReplayReport[]> {
  const reports: ReplayReport[] = []
  if (changes.some(({ outcome }) => outcome === 'refused')) return reports
  for (const contract of contracts) {
    const { topic, version } = contract
    const change = changes.find((each) => each.topic === topic && each.version === version)
    const send = !planOnly && (redrive || contract.deadLetters.replayOnMerge === true)
    if (!send && change?.outcome !== 'registered') continue
    const registered = await registry.versionsOf(topic)
    const isThere = registered.some((each) => each.contract.version === version)
    // A version that is overtaken by a newer one is not what records are held against.
    if (isThere && registered.at(-1)?.contract.version !== version) continue
    const proposed = { contract, plan: compileValidationPlan(contract), activeFrom: [] }
    const versions = isThere ? registered : [...registered, proposed]
    const request = { dryRun: !send, actor, reason: `replay on merge of version ${version}` }
    const report = await replayDeadLetters({ ...partsOf(stores, clock), versions }, request)
    if (report.open > 0) reports.push(report)
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
