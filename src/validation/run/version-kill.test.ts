import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { orderTopic, orderVersions } from '../../../test/order-versions.ts'
import { openVictim, victimRound } from '../../../test/version-victim.ts'
import { activationsTopic, deadLetterTopic, rawTopic, type TopicLog, validatedTopic } from '../../topic/index.ts'
import { readRuleCounts, verifyTopic } from '../index.ts'

const ROUNDS = 10
const victim = join(import.meta.dirname, '../../../test/version-victim.ts')

test('killed at any moment while versions are approved, the topics and counts are those of an undisturbed run', {
  timeout: 180_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-version-kill-'))
  const calm = mkdtempSync(join(tmpdir(), 'covenant-version-calm-'))
  try {
    for (let round = 0; round < ROUNDS; round++) await killOnce(folder, round)
    const killed = await openVictim(folder, 2_000)
    await killed.hop.run(orderTopic)
    const end = await victimRound(killed)
    const undisturbed = await openVictim(calm, 777)
    while ((await victimRound(undisturbed)) < end);

    for (const topic of [rawTopic, validatedTopic, deadLetterTopic, activationsTopic].map((name) => name(orderTopic)))
      assert.deepEqual(await all(killed.log, topic), await all(undisturbed.log, topic), topic)
    assert.deepEqual(await readRuleCounts(killed.log, orderTopic), await readRuleCounts(undisturbed.log, orderTopic))
    assert.equal((await killed.registry.versionsOf(orderTopic)).length, orderVersions.length)
    assert.equal((await verifyTopic(orderTopic, killed)).difference, null)
    await killed.close()
    await undisturbed.close()
  } finally {
    rmSync(folder, { recursive: true })
    rmSync(calm, { recursive: true })
  }
})

/** Kills the victim after some rounds of its work, at a moment and with batches that differ from time to time. */
async function killOnce(folder: string, round: number): Promise<void> {
  const child = spawn(process.execPath, ['--conditions=covenant-source', victim, folder, String(5 + round * 4)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let dots = 0
  child.stdout.on('data', (chunk: Buffer) => {
    dots += chunk.length
    if (dots < 2 + (round % 3)) return
    // The child goes on meanwhile: busy waiting for a fraction of a round puts the blow anywhere in its work.
    const until = process.hrtime.bigint() + BigInt((round * 7_919 * 1_031) % 9_000_000)
    while (process.hrtime.bigint() < until);
    child.kill('SIGKILL')
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  assert.deepEqual([code, signal], [null, 'SIGKILL'])
}

async function all(log: TopicLog, topic: string) {
  return log.read(topic, 0, 0, await log.endOffset(topic, 0))
}
