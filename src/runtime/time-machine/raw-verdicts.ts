import type { Contract } from '../../contract/index.ts'
import { endOffsets, rawTopic, recordSource, type TopicLog, type TopicRecord } from '../../topic/index.ts'
import { type RegisteredVersion, type Violation, WhatIf } from '../../validation/index.ts'
import type { RawVerdicts, VerdictExample, VerdictGroup } from './define.ts'
import { OffsetSet } from './offset-set.ts'
import { chunksOf, type Window } from './records.ts'
import { shownValue } from './shown-value.ts'

export interface RawRequest extends Window {
  readonly log: TopicLog
  /** Versions of the topic, oldest registration first; the last one judges today. */
  readonly registered: readonly (RegisteredVersion & { readonly contract: Contract })[]
  readonly proposed: RegisteredVersion & { readonly contract: Contract }
  readonly onProgress?: (done: number, total: number) => void
}

const EXAMPLES_MAX = 3

/** Holds every retained raw record against both versions, and says which verdicts would change. Reads only. */
export async function rawVerdicts(request: RawRequest): Promise<{ verdicts: RawVerdicts; newlyRefused: OffsetSet }> {
  const { log, registered, proposed, limit, onProgress } = request
  const topic = rawTopic(proposed.contract.topic)
  const ends = await endOffsets(log, topic)
  const total = ends.reduce((sum, end) => sum + Math.min(end, limit ?? end), 0)
  const whatIf = new WhatIf(registered, proposed)
  const newlyRefused = new OffsetSet(topic, ends)
  const counts = { records: 0, concerned: 0, refusedToday: 0, refusedProposed: 0, newlyRefused: 0, newlyAccepted: 0 }
  const refusedBy = new Groups(proposed.contract)
  const acceptedBy = new Groups(registered.at(-1)!.contract)
  let done = 0
  for await (const { records, read } of chunksOf(log, topic, ends, request)) {
    for (const { record, concerned, today, proposed: after } of await whatIf.judge(records)) {
      counts.records++
      if (!concerned) continue
      counts.concerned++
      if (today !== null) counts.refusedToday++
      if (after !== null) counts.refusedProposed++
      if (today === null && after !== null) {
        counts.newlyRefused++
        newlyRefused.add(record.partition, record.offset)
        refusedBy.add(record, after)
      } else if (today !== null && after === null) {
        counts.newlyAccepted++
        acceptedBy.add(record, today)
      }
    }
    done += read
    onProgress?.(done, total)
  }
  return {
    verdicts: { ...counts, newlyRefusedBy: refusedBy.sorted(), newlyAcceptedBy: acceptedBy.sorted() },
    newlyRefused,
  }
}

/** Counts by rule, with a few examples each. */
class Groups {
  readonly #contract: Contract
  readonly #groups = new Map<string, { count: number; examples: VerdictExample[] }>()

  constructor(contract: Contract) {
    this.#contract = contract
  }

  add(record: TopicRecord, violations: readonly Violation[]): void {
    for (const ruleId of new Set(violations.map((violation) => violation.ruleId))) {
      const group = this.#groups.get(ruleId) ?? { count: 0, examples: [] }
      this.#groups.set(ruleId, group)
      group.count++
      if (group.examples.length < EXAMPLES_MAX) group.examples.push(this.#example(record, violations))
    }
  }

  sorted(): readonly VerdictGroup[] {
    return [...this.#groups]
      .map(([ruleId, group]) => ({ ruleId, ...group }))
      .sort((a, b) => b.count - a.count || (a.ruleId < b.ruleId ? -1 : 1))
  }

  #example({ topic, partition, offset, timestamp }: TopicRecord, violations: readonly Violation[]): VerdictExample {
    return {
      source: recordSource(topic, partition, offset),
      timestamp,
      violations: violations.map((violation) => ({
        path: violation.path,
        expected: violation.expected,
        got: shownValue(violation, this.#contract),
      })),
    }
  }
}
