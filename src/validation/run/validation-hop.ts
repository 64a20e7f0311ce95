import { type Clock, CovenantError, type EventBus } from '../../kernel/index.ts'
import {
  activationsTopic,
  deadLetterTopic,
  endOffsets,
  rawTopic,
  rulesTopic,
  type TopicLog,
  type TopicRecord,
  validatedTopic,
} from '../../topic/index.ts'
import type { ContractLookup, DeadLetterStore, Pause, PauseStore } from '../ports.ts'
import { type Activation, activationRecord, newActivations, readActivations } from './activations.ts'
import { BlockedKeys } from './blocked-keys.ts'
import { isAccepted, isOver, pauseFor } from './breaker.ts'
import { type Blocked, destinations, NONE_BLOCKED } from './destinations.ts'
import { type Judgement, judge } from './judge.ts'
import { MigrationCache } from './migrate.ts'
import { countRules, type RuleCount, readRuleCounts, ruleCountsRecord } from './rule-counts.ts'
import { type Checker, ValidatorCache, VersionTimeline } from './version-timeline.ts'

export interface ValidationHopOptions {
  readonly log: TopicLog
  readonly registry: ContractLookup
  readonly clock: Clock
  readonly events: EventBus
  /** Records of one transaction; 2,000 unless told. */
  readonly batchSize?: number
  /** States of dead letters: without them `blockKey` of contracts has no effect. */
  readonly deadLetters?: DeadLetterStore
  /** Where paused topics are kept: without it `breaker` of contracts has no effect. */
  readonly pauses?: PauseStore
}

export interface HopReport {
  /** Contract topic. */
  readonly topic: string
  readonly read: number
  readonly validated: number
  readonly deadLetters: number
  /** Why nothing more is validated; absent while the topic is not paused. */
  readonly paused?: Pause
}

type MutableReport = { -readonly [Member in keyof HopReport]: HopReport[Member] }

/** The next records of one partition, and the activations that judging them settles. */
interface Batch {
  readonly topic: string
  readonly partition: number
  /** First raw offset of the batch, and the one after its last. */
  readonly position: number
  readonly next: number
  readonly records: readonly TopicRecord[]
  readonly activations: readonly Activation[]
  readonly timeline: VersionTimeline
}

const BATCH_RECORDS = 2_000

/**
 * Moves every raw record of a contract to its validated or to its dead letter topic. Each batch, what it settles about
 * versions, and the position after it are one transaction of the log, so that a crash neither loses nor repeats a record.
 *
 * @example
 * const hop = new ValidationHop({ log, registry, clock, events })
 * await hop.run('flights.arrived') // { topic: 'flights.arrived', read: 500, validated: 488, deadLetters: 12 }
 */
export class ValidationHop {
  readonly #options: ValidationHopOptions
  readonly #validators = new ValidatorCache()
  readonly #migrations = new MigrationCache()
  /** By contract topic: what the log holds. This hop alone writes it. */
  readonly #activations = new Map<string, Activation[]>()
  readonly #ruleCounts = new Map<string, readonly RuleCount[]>()
  readonly #blockedKeys = new Map<string, BlockedKeys>()

  constructor(options: ValidationHopOptions) {
    this.#options = options
  }

  /**
   * Works until the raw topic has nothing new, or the breaker of its contract pauses it.
   *
   * @throws `VALIDATION_CONTRACT_MISSING`, `TOPIC_UNKNOWN`
   */
  async run(topic: string): Promise<HopReport> {
    const { log, registry } = this.#options
    if ((await registry.versionsOf(topic)).length === 0) throw contractMissing(topic)
    const raw = rawTopic(topic)
    const partitions = (await log.topics()).find((info) => info.topic === raw)?.partitions ?? 1
    const report: MutableReport = { topic, read: 0, validated: 0, deadLetters: 0 }
    for (let partition = 0; partition < partitions && report.paused === undefined; partition++)
      await this.#drain(topic, partition, report)
    return report
  }

  async #drain(topic: string, partition: number, report: MutableReport): Promise<void> {
    let position = await this.#options.log.position(consumerOf(topic), rawTopic(topic), partition)
    let pause = await this.#options.pauses?.pause(topic)
    for (;;) {
      if (pause !== undefined && pause.resumed === null) report.paused = pause
      if (report.paused !== undefined) return
      if (pause?.partition === partition && isOver(pause, position)) pause = await this.#endPause(pause)
      const batch = await this.#read(
        topic,
        partition,
        position,
        isAccepted(pause, partition, position) ? pause : undefined,
      )
      if (batch === null) return
      const judgements = await judge(batch.records, batch.timeline, this.#migrations)
      const stop = isAccepted(pause, partition, position) ? null : await this.#pauseFor(batch, judgements)
      if (stop === null) {
        const written = await this.#writeBatch(batch, judgements)
        report.read += batch.records.length
        report.validated += written.validated
        report.deadLetters += written.deadLetters
        position = batch.next
      } else pause = stop
    }
  }

  /** All is decided and nothing written: too bad a batch stops the topic here. */
  async #pauseFor(batch: Batch, judgements: readonly Judgement[]): Promise<Pause | null> {
    const { pauses, events, clock } = this.#options
    const { topic, partition, position: fromOffset, next: toOffset, timeline } = batch
    if (pauses === undefined) return null
    const { breaker } = timeline.newestAt(toOffset - 1).contract.deadLetters
    const pause = pauseFor({ topic, partition, fromOffset, toOffset }, judgements, breaker, clock.now())
    if (pause === null) return null
    // Told first: a process that dies in between judges the batch again and tells it again.
    await events.emit('validation.paused', { pause })
    await pauses.put(pause)
    return pause
  }

  async #endPause(pause: Pause): Promise<undefined> {
    const { pauses, events, clock } = this.#options
    await events.emit('validation.resumed', { pause, at: clock.now() })
    await pauses!.remove(pause.topic)
  }

  async #writeBatch(
    batch: Batch,
    judgements: readonly Judgement[],
  ): Promise<{ readonly validated: number; readonly deadLetters: number }> {
    const { topic, timeline, next } = batch
    if (!timeline.newestAt(next - 1).contract.deadLetters.blockKey) {
      this.#blockedKeys.delete(topic)
      return this.#commit(batch, judgements)
    }
    const keys = await this.#keysOf(topic)
    try {
      return await this.#commit(batch, judgements, await keys?.block(judgements))
    } catch (thrown) {
      // It holds what the transaction would have written: what is true follows from the log again.
      this.#blockedKeys.delete(topic)
      throw thrown
    }
  }

  async #keysOf(topic: string): Promise<BlockedKeys | undefined> {
    const { log, deadLetters } = this.#options
    if (deadLetters === undefined) return undefined
    let keys = this.#blockedKeys.get(topic)
    if (keys === undefined) {
      const ends = await endOffsets(log, rawTopic(topic))
      const positions = await Promise.all(ends.map((_, n) => log.position(consumerOf(topic), rawTopic(topic), n)))
      keys = await BlockedKeys.open({ log, deadLetters }, topic, positions)
      this.#blockedKeys.set(topic, keys)
    }
    await keys.refresh()
    return keys
  }

  /** The next batch, or `null` at the end of the partition. */
  async #read(topic: string, partition: number, position: number, accepted?: Pause): Promise<Batch | null> {
    const { log, registry, batchSize = BATCH_RECORDS } = this.#options
    // Of a batch that somebody let pass no record more is taken.
    const max = accepted === undefined ? batchSize : Math.min(batchSize, accepted.toOffset - position)
    const records = await log.read(rawTopic(topic), partition, position, max)
    if (records.length === 0) return null
    // Asked for after the records were read: a version that is registered from now on starts behind them.
    const versions = await registry.versionsOf(topic)
    const known = await this.#known(topic, versions.length > 1)
    const activations = newActivations(versions, known, partition, position)
    const timeline = new VersionTimeline(versions, [...known, ...activations], partition, this.#validators)
    return { topic, partition, position, next: records.at(-1)!.offset + 1, records, activations, timeline }
  }

  async #known(topic: string, needed: boolean): Promise<Activation[]> {
    let known = this.#activations.get(topic)
    if (known === undefined && needed) {
      known = await readActivations(this.#options.log, topic)
      this.#activations.set(topic, known)
    }
    return known ?? []
  }

  async #commit(
    batch: Batch,
    judgements: readonly Judgement[],
    blocked: Blocked = NONE_BLOCKED,
  ): Promise<{ readonly validated: number; readonly deadLetters: number }> {
    const { log, clock } = this.#options
    const { topic, partition, activations } = batch
    const { validated, deadLetters } = destinations(topic, judgements, blocked)
    if (activations.length > 0) await log.createTopics([activationsTopic(topic)])
    const counts = await this.#count(batch, judgements, blocked)
    const written = { validated: validated.length, deadLetters: deadLetters.length }
    await this.#announce(batch, judgements, written)
    await log.hop((transaction) => {
      if (activations.length > 0)
        transaction.append(
          activationsTopic(topic),
          activations.map((activation) => activationRecord(activation, clock.now())),
        )
      transaction.append(validatedTopic(topic), validated)
      transaction.append(deadLetterTopic(topic), deadLetters)
      if (counts !== null) transaction.append(rulesTopic(topic), [ruleCountsRecord(counts, clock.now())])
      transaction.setPosition(consumerOf(topic), rawTopic(topic), partition, batch.next)
    })
    this.#activations.get(topic)?.push(...activations)
    if (counts !== null) this.#ruleCounts.set(topic, counts)
    return written
  }

  /** The topic's rule counts after the batch; `null` where it has no rule that is not enforced. */
  async #count(
    { topic, timeline, next }: Batch,
    judgements: readonly Judgement[],
    blocked: Blocked,
  ): Promise<readonly RuleCount[] | null> {
    const { log } = this.#options
    const versions = timeline.activeBefore(next).filter(hasStagedRule)
    if (versions.length === 0) return null
    await log.createTopics([rulesTopic(topic)])
    const before = this.#ruleCounts.get(topic) ?? (await readRuleCounts(log, topic))
    return countRules(before, judgements, versions, blocked)
  }

  /** Told before the transaction: a batch that a crash cuts short is told again, none is left untold. */
  async #announce(
    { topic, partition, position, next }: Batch,
    judgements: readonly Judgement[],
    written: { readonly validated: number; readonly deadLetters: number },
  ): Promise<void> {
    const { events, clock } = this.#options
    const versions = new Set<string>()
    for (const { version, violations } of judgements)
      if (violations?.[0]?.code !== 'unknown-version') versions.add(version)
    await events.emit('validation.batch', {
      topic,
      partition,
      fromOffset: position,
      toOffset: next,
      ...written,
      contractVersions: [...versions].sort(),
      at: clock.now(),
    })
  }
}

function hasStagedRule({ plan }: Checker): boolean {
  return plan.rules.some(({ stage }) => stage !== 'enforce')
}

function consumerOf(topic: string): string {
  return `validation/${topic}`
}

function contractMissing(topic: string): CovenantError {
  return new CovenantError({
    code: 'VALIDATION_CONTRACT_MISSING',
    message: `No registered contract describes the topic ${topic}, so its records cannot be validated.`,
    where: topic,
    remedy: 'Register one with `covenant apply`.',
  })
}
