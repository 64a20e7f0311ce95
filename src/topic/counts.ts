import { deadLetterTopic, rawTopic, validatedTopic } from './names.ts'
import type { TopicLog } from './ports.ts'

/** Records in the three topics of a contract. */
export interface TopicCounts {
  readonly raw: number
  readonly validated: number
  readonly deadLetters: number
}

/** Counts by contract topic; a topic that does not exist yet has 0 records. */
export async function topicCounts(
  log: TopicLog,
  contractTopics: readonly string[],
): Promise<Readonly<Record<string, TopicCounts>>> {
  const records = new Map((await log.topics()).map((info) => [info.topic, info.records]))
  const count = (topic: string) => records.get(topic) ?? 0
  return Object.fromEntries(
    contractTopics.map((topic) => [
      topic,
      {
        raw: count(rawTopic(topic)),
        validated: count(validatedTopic(topic)),
        deadLetters: count(deadLetterTopic(topic)),
      },
    ]),
  )
}
