import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { tinyProject } from '../../test/tiny-project.ts'
import { HOUR_MS, toIso, VirtualClock } from '../kernel/index.ts'
import type { NewRecord } from '../topic/index.ts'
import { type Covenant, openCovenant } from './covenant.ts'
import { type Feed, replay } from './replay.ts'

const FROM = Date.parse('2026-01-01T00:00:00Z')
const TO = FROM + 6 * HOUR_MS
const TOPICS = ['station.readings.raw', 'station.readings.validated', 'station.readings.dlq']

const folder = tinyProject()
after(() => rmSync(folder, { recursive: true }))

/** A reading every ten minutes; every fourth breaks the contract. */
const feed: Feed = {
  producerId: 'stations',
  read: async (from, to) => {
    const first = Math.ceil((from - FROM) / 600_000)
    const end = Math.ceil((to - FROM) / 600_000)
    const records = Array.from({ length: end - first }, (_, index) => reading(first + index))
    return [{ topic: 'station.readings.raw', firstSequence: first, records }]
  },
}

function reading(number: number): NewRecord {
  const timestamp = FROM + number * 600_000
  const value = { station: 'JFK', at: toIso(timestamp), celsius: number % 4 === 3 ? 451 : number }
  return { key: Buffer.from('JFK'), value: Buffer.from(JSON.stringify(value)), headers: {}, timestamp }
}

/** Opens the state, replays, and closes it again, as one process would. */
async function play(state: string, disturb?: (covenant: Covenant) => void): Promise<unknown> {
  const clock = new VirtualClock(FROM)
  const stateDir = join(folder, state)
  const covenant = await openCovenant({ projectDir: folder, stateDir, clock, durability: 'process' })
  try {
    disturb?.(covenant)
    const apply = async () => void (await covenant.apply({ planOnly: false }))
    await replay({
      loop: covenant.loop,
      clock,
      state: covenant.stores.state,
      feed,
      actions: [{ name: 'apply', at: FROM, run: apply }],
      from: FROM,
      to: TO,
    })
    return await contentOf(covenant)
  } finally {
    await covenant.close()
  }
}

async function contentOf({ stores, lake }: Covenant) {
  const topics = await Promise.all(TOPICS.map((topic) => stores.log.read(topic, 0, 0, 1_000)))
  const text = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString()
  return {
    topics: topics.map((records) =>
      records.map((record) => ({ ...record, key: text(record.key), value: text(record.value) })),
    ),
    snapshots: await lake.snapshots(),
    audits: await stores.sla.audits(),
  }
}

test('a replay that dies in a tick, before or after its work, ends as an undisturbed one', async () => {
  const quiet = await play('quiet')
  assert.equal((quiet as { topics: unknown[][] }).topics[0]?.length, 36)
  assert.equal((quiet as { topics: unknown[][] }).topics[2]?.length, 9)

  for (const moment of ['before', 'after'] as const) {
    const dying = play(moment, ({ loop }) => {
      const tick = loop.tick.bind(loop)
      let ticks = 0
      loop.tick = async () => {
        ticks += 1
        if (ticks === 3 && moment === 'before') throw new Error('killed')
        await tick()
        if (ticks === 3) throw new Error('killed')
      }
    })
    await assert.rejects(dying, /killed/)
    assert.deepEqual(await play(moment), quiet, `killed ${moment} the work of a tick`)
  }
  assert.deepEqual(await play('quiet'), quiet, 'a finished replay changes nothing')
})
