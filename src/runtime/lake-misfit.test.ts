import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { READINGS, tinyProject } from '../../test/tiny-project.ts'
import { VirtualClock } from '../kernel/index.ts'
import { openCovenant } from './index.ts'

const at = (version: string, celsius: string) =>
  READINGS.replace('version: 1.0.0', `version: ${version}`).replace(
    /number\n\s+logicalTypeOptions: \{ minimum.*\n/,
    `${celsius}\n`,
  )

test('apply refuses a version whose records the lake could not take; the loop goes on', async (t) => {
  const folder = tinyProject()
  const clock = new VirtualClock(Date.parse('2026-03-01T00:00:00Z'))
  const apply = async (contract: string, planOnly = false) => {
    writeFileSync(join(folder, 'contracts/readings.odcs.yaml'), contract)
    const covenant = await openCovenant({
      projectDir: folder,
      stateDir: join(folder, 'state'),
      clock,
      durability: 'process',
    })
    try {
      const [change] = (await covenant.apply({ planOnly })).contracts
      await covenant.append('station.readings.raw', [
        {
          key: null,
          value: Buffer.from('{"station":"JFK","at":"2026-03-01T00:00:00Z","celsius":4.5}'),
          headers: { 'cov.version': '1.0.0' },
          timestamp: clock.now(),
        },
      ])
      clock.advanceTo(clock.now() + 86_400_000)
      await covenant.loop.tick()
      const [count] = await covenant.engine.query('SELECT count(celsius) AS n FROM lake.station_readings')
      return [change?.outcome, change?.message, count?.n]
    } finally {
      await covenant.close()
    }
  }
  t.after(() => rmSync(folder, { recursive: true }))
  assert.deepEqual(await apply(READINGS), ['registered', 'Version 1.0.0 is the first one.', 1])
  const refusal =
    'One lake table, station_readings, holds the records of all versions: "celsius" is number in version 1.0.0 and would be string. Give the field a new name, or the new shape a topic of its own.'
  assert.deepEqual(await apply(at('2.0.0', 'string'), true), ['refused', refusal, 2])
  assert.deepEqual(await apply(at('2.0.0', 'string')), ['refused', refusal, 3])
  const renamed = at('2.0.0', 'string').replace('name: celsius', 'name: reading')
  assert.deepEqual(await apply(renamed), ['registered', 'Version 2.0.0 follows 1.0.0.', 4])
})
