import { HEADERS, type NewRecord, recordSource, type TopicRecord } from '../../topic/index.ts'
import { cappedErrors, deadLetter } from './dead-letter.ts'
import type { Judgement } from './judge.ts'

/** Records that conform and wait for an earlier one of their key: by the judged record, where that one was first. */
export type Blocked = ReadonlyMap<TopicRecord, string>

export const NONE_BLOCKED: Blocked = new Map()

/** What a batch appends to the topics behind the raw one. */
export interface Destinations {
  readonly validated: readonly NewRecord[]
  readonly deadLetters: readonly NewRecord[]
}

/** The records to be appended for judgements, each list in the order of the raw topic. */
export function destinations(
  topic: string,
  judgements: readonly Judgement[],
  blocked: Blocked = NONE_BLOCKED,
): Destinations {
  const validated: NewRecord[] = []
  const deadLetters: NewRecord[] = []
  for (const judgement of judgements) {
    const { record, contractId, version, rulesHash, violations, migratedFrom } = judgement
    const blockedBy = blocked.size === 0 ? undefined : blocked.get(record)
    const refusal = { topic, contractId, version, rulesHash, migratedFrom }
    if (blockedBy !== undefined) deadLetters.push(deadLetter(record, { ...refusal, violations: [], blockedBy }))
    else if (violations === null) validated.push(validatedRecord(judgement))
    else deadLetters.push(deadLetter(record, { ...refusal, violations }))
  }
  return { validated, deadLetters }
}

function validatedRecord({ record, version, key, value, warnings, migratedFrom }: Judgement): NewRecord {
  const told = warnings.filter(({ stage }) => stage === 'warn')
  return {
    key,
    value,
    timestamp: record.timestamp,
    headers: {
      ...record.headers,
      [HEADERS.version]: version,
      ...(migratedFrom === null ? {} : { [HEADERS.migratedFrom]: migratedFrom }),
      ...(told.length === 0 ? {} : { [HEADERS.warnings]: cappedErrors(told) }),
      [HEADERS.source]: recordSource(record.topic, record.partition, record.offset),
    },
  }
}
