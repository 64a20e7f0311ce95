import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { victimHop, victimTopic, victimValue } from '../../../test/hop-victim.ts'
import { EmbeddedTopicLog } from '../../adapters/embedded/topic-log.ts'
import { deadLetterTopic, HEADERS, rawTopic, type TopicRecord, validatedTopic } from '../../topic/index.ts'

const ROUNDS = 12
const victim = join(import.meta.dirname, '../../../test/hop-victim.ts')

test('a process killed at any moment neither loses nor repeats a record', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-kill-'))
  const path = join(folder, 'topics.db')
  try {
    for (let round = 0; round < ROUNDS; round++) await killOnce(path, round)
    await assertExactlyOnce(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** Kills the victim after it has worked through a few batches, at a moment that differs from round to round. */
async function killOnce(path: string, round: number): Promise<void> {
  const child = spawn(process.execPath, ['--conditions=covenant-source', victim, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let dots = 0
  child.stdout.on('data', (chunk: Buffer) => {
    dots += chunk.length
    if (dots < 3 + round) return
    // The child goes on meanwhile: busy waiting for a fraction of a batch puts the blow anywhere in its work.
    const until = process.hrtime.bigint() + BigInt((round * 7_919 * 131) % 1_500_000)
    while (process.hrtime.bigint() < until);
    child.kill('SIGKILL')
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  assert.deepEqual([code, signal], [null, 'SIGKILL'])
}

async function assertExactlyOnce(path: string): Promise<void> {
  const log = new EmbeddedTopicLog(path, 'process')
  await victimHop(log).run(victimTopic)
  const raw = await all(log, rawTopic(victimTopic))
  for (const [n, record] of raw.entries()) assert.deepEqual(record.value, victimValue(n))

  const validated = await all(log, validatedTopic(victimTopic))
  const deadLetters = await all(log, deadLetterTopic(victimTopic))
  const sources = [...validated, ...deadLetters].map(({ headers }) => headers[HEADERS.source])
  assert.equal(new Set(sources).size, raw.length)
  assert.equal(sources.length, raw.length)
  assert.ok(raw.length > 150 * ROUNDS)
  for (const [topic, remainders] of [
    [validated, [0]],
    [deadLetters, [1, 2]],
  ] as const)
    for (const { headers, value } of topic) {
      const n = Number(headers[HEADERS.source]!.split('/').at(-1))
      assert.ok(remainders.some((remainder) => remainder === n % 3))
      assert.deepEqual(value, raw[n]!.value)
    }
  await log.close()
}

async function all(log: EmbeddedTopicLog, topic: string): Promise<readonly TopicRecord[]> {
  return log.read(topic, 0, 0, await log.endOffset(topic, 0))
}
