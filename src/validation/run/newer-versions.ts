import { HEADERS, offsetOf, recordSource, type TopicLog, type TopicRecord, validatedTopic } from '../../topic/index.ts'

const CHUNK_RECORDS = 2_000

/** A record that waits to be replayed, as far as the question goes whether it is still the newest of its key. */
export interface Aged {
  readonly key: string
  /** Raw offset that it had first. */
  readonly order: number
}

/**
 * The keys of which a newer record was validated already, each with the last such record. Reads the validated topic from
 * where the oldest of the given records would stand.
 */
export async function newerVersions(
  log: TopicLog,
  topic: string,
  records: readonly Aged[],
): Promise<ReadonlyMap<string, { readonly order: number; readonly place: string }>> {
  const newer = new Map<string, { order: number; place: string }>()
  if (records.length === 0) return newer
  const keys = new Set(records.map(({ key }) => key))
  const oldest = records.reduce((least, { order }) => Math.min(least, order), Number.POSITIVE_INFINITY)
  const name = validatedTopic(topic)
  const partitions = (await log.topics()).find((info) => info.topic === name)?.partitions ?? 0
  for (let partition = 0; partition < partitions; partition++) {
    let next = await firstAfter(log, name, partition, oldest)
    for (;;) {
      const found = await log.read(name, partition, next, CHUNK_RECORDS)
      if (found.length === 0) break
      for (const record of found) {
        const key = keyText(record.key)
        if (key === null || !keys.has(key)) continue
        const order = validatedOrder(record)
        if (order > (newer.get(key)?.order ?? -1))
          newer.set(key, { order, place: recordSource(name, partition, record.offset) })
      }
      next = found.at(-1)!.offset + 1
    }
  }
  return newer
}

/** A record key as a text that is equal for equal bytes, whatever they are. */
export function keyText(key: Uint8Array | null): string | null {
  return key === null ? null : Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
}

/** The first validated offset whose raw record came after `order`: raw offsets rise along the validated topic. */
async function firstAfter(log: TopicLog, name: string, partition: number, order: number): Promise<number> {
  let low = 0
  let high = await log.endOffset(name, partition)
  while (low < high) {
    const middle = (low + high) >>> 1
    const [record] = await log.read(name, partition, middle, 1)
    if (record !== undefined && rawOffset(record) <= order) low = middle + 1
    else high = middle
  }
  return low
}

function rawOffset({ headers, offset }: TopicRecord): number {
  return offsetOf(headers[HEADERS.source] ?? '') ?? offset
}

function validatedOrder(record: TopicRecord): number {
  return offsetOf(record.headers[HEADERS.origin] ?? '') ?? rawOffset(record)
}
