import { type Contract, compileValidationPlan } from '../../contract/index.ts'
import type { Clock } from '../../kernel/index.ts'
import type { Reviewed } from '../check/approvals.ts'
import { registryOf } from '../covenant.ts'
import type { Definitions } from '../impact/readers.ts'
import type { Stores } from '../stores.ts'
import { affectedData } from './affected.ts'
import type { TimeMachineReport } from './define.ts'
import { rawVerdicts } from './raw-verdicts.ts'
import type { Window } from './records.ts'

export interface TimeMachineOptions extends Window {
  readonly stores: Stores
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
  const reports: TimeMachineReport[] = []
  for (const each of reviewed) {
    const { before, after } = each.pair
    if (each.review.change !== 'changed' || !after?.contract) continue
    const report = await travel(after.contract, before?.contract ?? null, each, options)
    if (report !== null) reports.push(report)
  }
  return reports
}

async function travel(
  contract: Contract,
  base: Contract | null,
  { impact }: Reviewed,
  options: TimeMachineOptions,
): Promise<TimeMachineReport | null> {
  const { stores, clock, project, onProgress } = options
  const { topic } = contract
  const known = await registryOf(stores, clock).versionsOf(topic)
  const registered = known.length > 0 || base === null ? known : [versionOf(base)]
  const today = registered.at(-1)
  if (today === undefined) return null
  const { verdicts, newlyRefused } = await rawVerdicts({
    ...options,
    log: stores.log,
    registered,
    proposed: versionOf(contract),
    onProgress: (done, total) => onProgress?.(topic, done, total),
  })
  return {
    contractId: contract.id,
    topic,
    proposedVersion: contract.version,
    todayVersion: today.contract.version,
    raw: verdicts,
    affected: await affectedData({ stores, topic, newlyRefused, impact, project }),
  }
}

function versionOf(contract: Contract) {
  return { contract, plan: compileValidationPlan(contract), activeFrom: [] }
}
