import type { EpochMs } from '../../kernel/index.ts'
import type { TopicLog, TopicRecord } from '../../topic/index.ts'

const CHUNK_RECORDS = 2_000

/** Which of the retained records are looked at. */
export interface Window {
  /** Records that were sent before are left out. */
  readonly since?: EpochMs
  /** At most so many of the newest records of each partition. */
  readonly limit?: number
}

/** Records of a topic up to the given ends, some thousand at a time, so that memory does not grow with the topic. */
export async function* chunksOf(
  log: TopicLog,
  topic: string,
  ends: readonly number[],
  { since, limit }: Window = {},
): AsyncGenerator<{ readonly records: readonly TopicRecord[]; readonly read: number }> {
  for (const [partition, end] of ends.entries()) {
    for (let next = Math.max(0, end - (limit ?? end)); next < end; ) {
      const records = await log.read(topic, partition, next, Math.min(CHUNK_RECORDS, end - next))
      if (records.length === 0) break
      next = records.at(-1)!.offset + 1
      yield {
        records: since === undefined ? records : records.filter(({ timestamp }) => timestamp >= since),
        read: records.length,
      }
    }
  }
}
