import type { TopicLog } from './ports.ts'

/** The end offset of each partition of a topic, by partition number; empty where the topic does not exist. */
export async function endOffsets(log: TopicLog, topic: string): Promise<readonly number[]> {
  const partitions = (await log.topics()).find((info) => info.topic === topic)?.partitions ?? 0
  return Promise.all(Array.from({ length: partitions }, (_, partition) => log.endOffset(topic, partition)))
}
