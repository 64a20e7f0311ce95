import { type Contract, compileValidationPlan } from '../../contract/index.ts'
import type { Clock } from '../../kernel/index.ts'
import { type RegisteredVersion, wouldPass } from '../../validation/index.ts'
import type { Reviewed } from '../check/approvals.ts'
import { registryOf } from '../covenant.ts'
import type { Definitions } from '../impact/readers.ts'
import type { Stores } from '../stores.ts'
import { affectedData } from './affected.ts'
import type { LakeVerdicts, TimeMachineReport } from './define.ts'
import { lakeVerdicts } from './lake-verdicts.ts'
import { rawVerdicts } from './raw-verdicts.ts'
import type { Window } from './records.ts'

export interface TimeMachineOptions extends Window {
  readonly stores: Stores
  readonly stateDir: string
  readonly clock: Clock
  readonly project: Definitions | null
  readonly onProgress?: (topic: string, done: number, total: number) => void
}

/**
 * Runs the proposed version of each changed contract over what is retained: what would have been refused, what would
 * have passed, and what was made with it. Reads only, and works beside a running loop.
 */
export async function timeMachine(
  reviewed: readonly Reviewed[],
  options: TimeMachineOptions,
): Promise<readonly TimeMachineReport[]> {
  const journeys: Journey[] = []
  for (const each of reviewed) journeys.push(...(await journeyOf(each, options)))
  const lakes = await lakeVerdicts(
    options.stateDir,
    journeys.map(({ registered, proposed }) => ({ today: registered.at(-1)!.contract, proposed: proposed.contract })),
    options.since,
  )
  const reports: TimeMachineReport[] = []
  for (const [index, journey] of journeys.entries()) reports.push(await travel(journey, lakes[index]!, options))
  return reports
}

type Version = RegisteredVersion & { readonly contract: Contract }

/** One changed contract, and the versions that are compared. */
interface Journey {
  readonly reviewed: Reviewed
  /** Oldest first; the last one judges today. */
  readonly registered: readonly Version[]
  readonly proposed: Version
}

async function journeyOf(reviewed: Reviewed, { stores, clock }: TimeMachineOptions): Promise<readonly Journey[]> {
  const { before, after } = reviewed.pair
  if (reviewed.review.change !== 'changed' || !after?.contract) return []
  const known = await registryOf(stores, clock).versionsOf(after.contract.topic)
  const base = before?.contract ? [versionOf(before.contract)] : []
  const registered = known.length > 0 ? known : base
  return registered.length === 0 ? [] : [{ reviewed, registered, proposed: versionOf(after.contract) }]
}

async function travel(
  { reviewed, registered, proposed }: Journey,
  lake: LakeVerdicts,
  options: TimeMachineOptions,
): Promise<TimeMachineReport> {
  const { stores, project, onProgress } = options
  const { topic, id, version } = proposed.contract
  const { verdicts, newlyRefused } = await rawVerdicts({
    ...options,
    log: stores.log,
    registered,
    proposed,
    onProgress: (done, total) => onProgress?.(topic, done, total),
  })
  return {
    contractId: id,
    topic,
    proposedVersion: version,
    todayVersion: registered.at(-1)!.contract.version,
    raw: verdicts,
    deadLetters: await wouldPass(stores.log, stores.deadLetters, topic, proposed.plan),
    lake,
    affected: await affectedData({ stores, topic, newlyRefused, impact: reviewed.impact, project }),
  }
}

function versionOf(contract: Contract): Version {
  return { contract, plan: compileValidationPlan(contract), activeFrom: [] }
}
