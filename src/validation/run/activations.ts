import { type EpochMs, isJsonObject } from '../../kernel/index.ts'
import { activationsTopic, type NewRecord, rawTopic, type TopicLog } from '../../topic/index.ts'
import type { ContractLookup, RegisteredVersion } from '../ports.ts'

/**
 * From which raw offset on a contract version holds: records without a header `cov.version` are held against the newest
 * version that is active at their offset, and a version that a record names is known from there on.
 */
export interface Activation {
  readonly version: string
  readonly partition: number
  readonly fromOffset: number
}

const CHUNK_RECORDS = 1_000

/** The activations that the hop recorded for a topic, in the order of their records. */
export async function readActivations(log: TopicLog, topic: string): Promise<Activation[]> {
  const name = activationsTopic(topic)
  const found: Activation[] = []
  if (!(await log.topics()).some((info) => info.topic === name)) return found
  for (;;) {
    const records = await log.read(name, 0, found.length, CHUNK_RECORDS)
    if (records.length === 0) return found
    found.push(...records.map(({ value }) => parseActivation(value!)))
  }
}

/**
 * The activations of versions that have none yet in a partition, all of whose records before `position` are judged.
 *
 * A version is active from the offset at which it was registered on. A registration that the hop hears of too late,
 * because it was under way while a batch was judged, is active from the next batch on. The first version needs no
 * record: it holds from offset 0 on, as there is no other for what came before it.
 */
export function newActivations(
  versions: readonly RegisteredVersion[],
  known: readonly Activation[],
  partition: number,
  position: number,
): Activation[] {
  const active = new Set(known.filter((each) => each.partition === partition).map(({ version }) => version))
  return versions
    .slice(1)
    .filter(({ plan }) => !active.has(plan.contractVersion))
    .map(({ plan, activeFrom }) => ({
      version: plan.contractVersion,
      partition,
      fromOffset: Math.max(activeFrom[partition] ?? 0, position),
    }))
}

/** A registered version of a topic, and from where it holds in one partition; `null` before the first batch after it. */
export interface VersionStanding {
  readonly topic: string
  readonly version: string
  readonly partition: number
  readonly fromOffset: number | null
}

/** The registered versions of topics, oldest first, with their activations. */
export async function versionStandings(
  log: TopicLog,
  registry: ContractLookup,
  topics: readonly string[],
): Promise<readonly VersionStanding[]> {
  const partitionsOf = new Map((await log.topics()).map((info) => [info.topic, info.partitions]))
  const standings: VersionStanding[] = []
  for (const topic of topics) {
    const known = await readActivations(log, topic)
    for (const [index, { plan }] of (await registry.versionsOf(topic)).entries())
      for (let partition = 0; partition < (partitionsOf.get(rawTopic(topic)) ?? 1); partition++) {
        const version = plan.contractVersion
        const found = known.find((each) => each.version === version && each.partition === partition)
        standings.push({ topic, version, partition, fromOffset: index === 0 ? 0 : (found?.fromOffset ?? null) })
      }
  }
  return standings
}

export function activationRecord(activation: Activation, at: EpochMs): NewRecord {
  return {
    key: Buffer.from(`${activation.partition}/${activation.version}`),
    value: Buffer.from(JSON.stringify(activation)),
    headers: {},
    timestamp: at,
  }
}

function parseActivation(value: Uint8Array): Activation {
  const parsed: unknown = JSON.parse(Buffer.from(value).toString())
  if (!isJsonObject(parsed)) throw new TypeError('An activation is a JSON object.')
  return parsed as unknown as Activation
}
