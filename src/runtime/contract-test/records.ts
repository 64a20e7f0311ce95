import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { CovenantError, linesOf, messageOf } from '../../kernel/index.ts'
import type { TestRecord } from '../../sla/index.ts'
import type { TopicLog } from '../../topic/index.ts'
import { itemSlices } from '../../topic/index.ts'

const BATCH_RECORDS = 2_000
/** The text of a JSON array is held whole. */
const ARRAY_BYTES_MAX = 512 * 1024 * 1024

/** The records of JSON files: one a line, or the items of one array. Blank lines are no records. */
export async function* jsonRecords(files: readonly string[]): AsyncGenerator<readonly TestRecord[]> {
  let row = 0
  for (const file of files)
    try {
      const items = (await startsWithBracket(file)) ? arrayItems(await wholeText(file), file) : lines(file)
      let batch: TestRecord[] = []
      for await (const value of items) {
        row++
        if (value !== null) batch.push({ value, row })
        if (batch.length < BATCH_RECORDS) continue
        yield batch
        batch = []
      }
      yield batch
    } catch (cause) {
      if (cause instanceof CovenantError) throw cause
      throw new CovenantError({
        code: 'TEST_DATA_UNREADABLE',
        message: `The data cannot be read: ${messageOf(cause)}.`,
        where: file,
        remedy: 'Check the path and the file.',
        cause,
      })
    }
}

/** The records of a topic, partition by partition. */
export async function* topicRecords(log: TopicLog, topic: string): AsyncGenerator<readonly TestRecord[]> {
  const info = (await log.topics()).find((found) => found.topic === topic)
  for (let partition = 0; partition < (info?.partitions ?? 0); partition++)
    for (let offset = 0; ; ) {
      const records = await log.read(topic, partition, offset, BATCH_RECORDS)
      if (records.length === 0) break
      yield records.map(({ value, offset: row }) => ({ value, row }))
      offset = records.at(-1)!.offset + 1
    }
}

async function* lines(file: string): AsyncGenerator<Uint8Array | null> {
  for await (const line of linesOf(open(file))) yield line.every((byte) => byte === 0x20 || byte === 0x09) ? null : line
}

function open(file: string): AsyncIterable<Buffer> {
  const stream = createReadStream(file, { highWaterMark: 1024 * 1024 })
  return file.endsWith('.gz') ? stream.pipe(createGunzip()) : stream
}

async function startsWithBracket(file: string): Promise<boolean> {
  for await (const chunk of open(file)) {
    const text = chunk
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trimStart()
    if (text !== '') return text.startsWith('[')
  }
  return false
}

async function wholeText(file: string): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of file.endsWith('.gz') ? open(file) : [await readFile(file)]) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > ARRAY_BYTES_MAX) throw tooLarge(file)
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
}

function arrayItems(text: string, file: string): readonly Uint8Array[] {
  try {
    JSON.parse(text)
  } catch (cause) {
    throw new CovenantError({
      code: 'TEST_DATA_UNREADABLE',
      message: `The file begins as a JSON array, but is none: ${messageOf(cause)}.`,
      where: file,
      remedy: 'Mend the file, or write one record a line.',
      cause,
    })
  }
  return itemSlices(text).map((item) => Buffer.from(item))
}

function tooLarge(file: string): CovenantError {
  return new CovenantError({
    code: 'TEST_DATA_UNREADABLE',
    message: 'The JSON array is larger than 512 MiB.',
    where: file,
    remedy: 'Write one record a line (NDJSON): lines are read one by one.',
  })
}
