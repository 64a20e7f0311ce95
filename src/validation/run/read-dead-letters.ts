import type { EpochMs } from '../../kernel/index.ts'
import { HEADERS, type Headers, type TopicRecord } from '../../topic/index.ts'
import type { Violation } from '../define.ts'
import type { DeadLetterMark, DeadLetterState } from '../ports.ts'
import { type DeadLetterSources, type Letter, letterAt, lettersOf } from './letters.ts'
import { isMeant, type LetterFilter } from './select-letters.ts'

/** A dead letter, with what its headers tell. */
export interface DeadLetter {
  /** Contract topic. */
  readonly topic: string
  readonly partition: number
  /** Offset in the dead letter topic. */
  readonly offset: number
  /** When the raw record was sent, epoch ms. */
  readonly timestamp: EpochMs
  /** The record it was: `<raw topic>/<partition>/<offset>`. */
  readonly source: string
  readonly contract: string
  readonly version: string
  readonly stage: string
  readonly class: string
  readonly fingerprint: string
  readonly reason: string
  readonly violations: readonly Violation[]
  /** Key and original value for display: bytes that are no UTF-8 show as U+FFFD. `null` for none and for a tombstone. */
  readonly key: string | null
  readonly text: string | null
  /** The original value, byte for byte. */
  readonly value: Uint8Array | null
  readonly state: DeadLetterState
  /** How often the record went through validation: 1 the first time. */
  readonly attempt: number
  /** The dead letter whose replay this is; `null` for a record that was never replayed. */
  readonly replayOf: string | null
  /** The record that it waits for, where it first was; `null` unless its class is `blocked`. */
  readonly blockedBy: string | null
}

/** A dead letter, and everything that was ever said about it, oldest first. */
export interface DeadLetterHistory extends DeadLetter {
  readonly history: readonly DeadLetterMark[]
}

/** Dead letters of one topic that broke the same rules. */
export interface DeadLetterGroup {
  /** Contract topic. */
  readonly topic: string
  readonly fingerprint: string
  readonly reason: string
  readonly count: number
  /** How many of them are in each state. */
  readonly states: Readonly<Record<DeadLetterState, number>>
  /** Earliest and latest timestamp among them, epoch ms. */
  readonly firstAt: EpochMs
  readonly lastAt: EpochMs
  /** Source of the first one, for `covenant dlq show`. */
  readonly example: string
}

const LETTERS_MAX = 100

/** The dead letters of contract topics by fingerprint, most frequent first. */
export async function deadLetterSummary(
  sources: DeadLetterSources,
  contractTopics: readonly string[],
): Promise<readonly DeadLetterGroup[]> {
  const groups = new Map<string, DeadLetterGroup>()
  for (const topic of contractTopics)
    for await (const letter of lettersOf(sources, topic)) {
      const id = JSON.stringify([topic, letter.record.headers[HEADERS.fingerprint]])
      groups.set(id, counted(topic, letter, groups.get(id)))
    }
  return [...groups.values()].sort(
    (a, b) => b.count - a.count || compare(a.topic, b.topic) || compare(a.fingerprint, b.fingerprint),
  )
}

/**
 * Dead letters of a contract topic, oldest first; of one fingerprint, of certain records, or in one state, where these
 * are given. At most 100 unless told.
 */
export async function readDeadLetters(
  sources: DeadLetterSources,
  topic: string,
  options: LetterFilter & { readonly state?: DeadLetterState; readonly limit?: number } = {},
): Promise<readonly DeadLetter[]> {
  const { state, limit = LETTERS_MAX } = options
  const letters: DeadLetter[] = []
  if (limit <= 0) return letters
  for await (const letter of lettersOf(sources, topic)) {
    if (!isMeant(letter.record, options)) continue
    if (state !== undefined && letter.state !== state) continue
    letters.push(letterOf(topic, letter))
    if (letters.length >= limit) break
  }
  return letters
}

/** The dead letter at an offset of a contract's dead letter topic with its history, or `undefined`. */
export async function showDeadLetter(
  sources: DeadLetterSources,
  topic: string,
  offset: number,
  partition = 0,
): Promise<DeadLetterHistory | undefined> {
  const place = { partition, offset }
  const letter = await letterAt(sources, topic, place)
  return letter && { ...letterOf(topic, letter), history: await sources.deadLetters.history(topic, place) }
}

function counted(topic: string, { record, state }: Letter, group: DeadLetterGroup | undefined): DeadLetterGroup {
  const { headers, timestamp } = record
  if (group === undefined)
    return {
      topic,
      fingerprint: header(headers, HEADERS.fingerprint),
      reason: header(headers, HEADERS.reason),
      count: 1,
      states: { open: 0, replayed: 0, discarded: 0, superseded: 0, [state]: 1 },
      firstAt: timestamp,
      lastAt: timestamp,
      example: header(headers, HEADERS.source),
    }
  return {
    ...group,
    count: group.count + 1,
    states: { ...group.states, [state]: group.states[state] + 1 },
    firstAt: Math.min(group.firstAt, timestamp),
    lastAt: Math.max(group.lastAt, timestamp),
  }
}

function letterOf(topic: string, { record, state }: { record: TopicRecord; state: DeadLetterState }): DeadLetter {
  const { headers, key, value, partition, offset, timestamp } = record
  return {
    topic,
    partition,
    offset,
    timestamp,
    source: header(headers, HEADERS.source),
    contract: header(headers, HEADERS.contract),
    version: header(headers, HEADERS.version),
    stage: header(headers, HEADERS.stage),
    class: header(headers, HEADERS.class),
    fingerprint: header(headers, HEADERS.fingerprint),
    reason: header(headers, HEADERS.reason),
    violations: JSON.parse(headers[HEADERS.errors] ?? '[]') as Violation[],
    key: textOf(key),
    text: textOf(value),
    value,
    state,
    attempt: Number(headers[HEADERS.attempt] ?? '1'),
    replayOf: headers[HEADERS.replayOf] ?? null,
    blockedBy: headers[HEADERS.blockedBy] ?? null,
  }
}

function header(headers: Headers, name: string): string {
  return headers[name] ?? ''
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('utf8')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
