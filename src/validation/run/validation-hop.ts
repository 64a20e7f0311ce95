import type { ValidationPlan } from '../../contract/index.ts'
import { type Clock, CovenantError, type EventBus } from '../../kernel/index.ts'
import {
  deadLetterTopic,
  HEADERS,
  type NewRecord,
  rawTopic,
  recordSource,
  type TopicLog,
  type TopicRecord,
  validatedTopic,
} from '../../topic/index.ts'
import type { Validator } from '../define.ts'
import { compileValidator } from '../plan/validator.ts'
import type { ContractLookup } from '../ports.ts'
import { deadLetter, unknownVersion } from './dead-letter.ts'

export interface ValidationHopOptions {
  readonly log: TopicLog
  readonly registry: ContractLookup
  readonly clock: Clock
  readonly events: EventBus
  /** Records of one transaction; 2,000 unless told. */
  readonly batchSize?: number
}

export interface HopReport {
  /** Contract topic. */
  readonly topic: string
  readonly read: number
  readonly validated: number
  readonly deadLetters: number
}

/** A contract version, ready to be applied. */
interface Checker {
  readonly plan: ValidationPlan
  readonly validator: Validator
}

/** Where the records of a batch go. */
interface Sorted {
  readonly validated: NewRecord[]
  readonly deadLetters: NewRecord[]
  readonly versions: Set<string>
}

const BATCH_RECORDS = 2_000

/**
 * Moves every raw record of a contract to its validated or to its dead letter topic. Each batch and the position after
 * it are one transaction of the log, so that a crash neither loses nor repeats a record.
 *
 * @example
 * const hop = new ValidationHop({ log, registry, clock, events })
 * await hop.run('flights.arrived') // { topic: 'flights.arrived', read: 500, validated: 488, deadLetters: 12 }
 */
export class ValidationHop {
  readonly #options: ValidationHopOptions
  /** By plan hash: equal plans share a validator. */
  readonly #validators = new Map<string, Validator>()

  constructor(options: ValidationHopOptions) {
    this.#options = options
  }

  /**
   * Works until the raw topic has nothing new.
   *
   * @throws `VALIDATION_CONTRACT_MISSING`, `TOPIC_UNKNOWN`
   */
  async run(topic: string): Promise<HopReport> {
    const newest = await this.#options.registry.latest(topic)
    if (newest === undefined) throw contractMissing(topic)
    const raw = rawTopic(topic)
    const partitions = (await this.#options.log.topics()).find((info) => info.topic === raw)?.partitions ?? 1
    const report = { topic, read: 0, validated: 0, deadLetters: 0 }
    for (let partition = 0; partition < partitions; partition++)
      await this.#drain(topic, partition, this.#checker(newest.plan), report)
    return report
  }

  async #drain(
    topic: string,
    partition: number,
    newest: Checker,
    report: { read: number; validated: number; deadLetters: number },
  ): Promise<void> {
    const { log, batchSize = BATCH_RECORDS } = this.#options
    const consumer = `validation/${topic}`
    let position = await log.position(consumer, rawTopic(topic), partition)
    for (;;) {
      const records = await log.read(rawTopic(topic), partition, position, batchSize)
      if (records.length === 0) return
      const sorted = sort(topic, records, newest, await this.#checkers(topic, records))
      const next = records.at(-1)!.offset + 1
      await this.#announce(topic, partition, position, next, sorted)
      await log.hop((transaction) => {
        transaction.append(validatedTopic(topic), sorted.validated)
        transaction.append(deadLetterTopic(topic), sorted.deadLetters)
        transaction.setPosition(consumer, rawTopic(topic), partition, next)
      })
      report.read += records.length
      report.validated += sorted.validated.length
      report.deadLetters += sorted.deadLetters.length
      position = next
    }
  }

  /** The versions that records of the batch name. Looked up before the transaction, which is synchronous. */
  async #checkers(topic: string, records: readonly TopicRecord[]): Promise<ReadonlyMap<string, Checker | undefined>> {
    const checkers = new Map<string, Checker | undefined>()
    for (const { headers } of records) {
      const version = headers[HEADERS.version]
      if (version === undefined || checkers.has(version)) continue
      const found = await this.#options.registry.version(topic, version)
      checkers.set(version, found && this.#checker(found.plan))
    }
    return checkers
  }

  #checker(plan: ValidationPlan): Checker {
    let validator = this.#validators.get(plan.hash)
    if (validator === undefined) {
      validator = compileValidator(plan)
      this.#validators.set(plan.hash, validator)
    }
    return { plan, validator }
  }

  /** Told before the transaction: a batch that a crash cuts short is told again, none is left untold. */
  async #announce(topic: string, partition: number, fromOffset: number, toOffset: number, sorted: Sorted) {
    await this.#options.events.emit('validation.batch', {
      topic,
      partition,
      fromOffset,
      toOffset,
      validated: sorted.validated.length,
      deadLetters: sorted.deadLetters.length,
      contractVersions: [...sorted.versions].sort(),
      at: this.#options.clock.now(),
    })
  }
}

function sort(
  topic: string,
  records: readonly TopicRecord[],
  newest: Checker,
  checkers: ReadonlyMap<string, Checker | undefined>,
): Sorted {
  const sorted: Sorted = { validated: [], deadLetters: [], versions: new Set() }
  for (const record of records) {
    const named = record.headers[HEADERS.version]
    const checker = named === undefined ? newest : checkers.get(named)
    if (checker === undefined) {
      const violations = [unknownVersion(named!)]
      const { contractId } = newest.plan
      sorted.deadLetters.push(deadLetter(record, { topic, contractId, version: named!, violations }))
      continue
    }
    const { contractId, contractVersion: version } = checker.plan
    const verdict = checker.validator.validate(record.value)
    sorted.versions.add(version)
    if (verdict.valid) sorted.validated.push(validatedRecord(record, version))
    else sorted.deadLetters.push(deadLetter(record, { topic, contractId, version, violations: verdict.violations }))
  }
  return sorted
}

function validatedRecord(record: TopicRecord, version: string): NewRecord {
  return {
    key: record.key,
    value: record.value,
    timestamp: record.timestamp,
    headers: {
      ...record.headers,
      [HEADERS.version]: version,
      [HEADERS.source]: recordSource(record.topic, record.partition, record.offset),
    },
  }
}

function contractMissing(topic: string): CovenantError {
  return new CovenantError({
    code: 'VALIDATION_CONTRACT_MISSING',
    message: `No registered contract describes the topic ${topic}, so its records cannot be validated.`,
    where: topic,
    remedy: 'Register one with `covenant apply`.',
  })
}
