import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SqlStateStore, stateMigrations } from '../adapters/sql/state-store.ts'
import { HOUR_MS, migrateToLatest, openKysely } from '../kernel/index.ts'
import { type Job, Scheduler } from './scheduler.ts'

const START = Date.parse('2013-01-01T00:00:00Z')

async function stateStore() {
  // biome-ignore lint/suspicious/noExplicitAny: the store knows its tables
  const database = openKysely<any>(':memory:')
  await migrateToLatest(database, 'state_migrations', stateMigrations)
  return new SqlStateStore(database)
}

function recorder(names: readonly [name: string, cron: string][]): { jobs: Job[]; ran: string[] } {
  const ran: string[] = []
  const jobs = names.map(([name, cron]) => ({
    name,
    cron,
    run: async (due: number) => void ran.push(`${name} ${new Date(due).toISOString().slice(0, 16)}`),
  }))
  return { jobs, ran }
}

test('jobs run at their moments, in order of time, then as they are listed', async () => {
  const { jobs, ran } = recorder([
    ['second', '0 2 * * *'],
    ['first', '0 1 * * *'],
    ['also-second', '0 2 * * *'],
  ])
  const scheduler = new Scheduler(jobs, await stateStore())
  await scheduler.begin(START)
  assert.equal(await scheduler.runDue(START), 0)
  await scheduler.runDue(START + 2 * HOUR_MS)
  assert.deepEqual(ran, ['first 2013-01-01T01:00', 'second 2013-01-01T02:00', 'also-second 2013-01-01T02:00'])
  assert.equal(await scheduler.runDue(START + 2 * HOUR_MS), 0, 'a moment is done once')
})

test('of several missed moments only the newest is made up for', async () => {
  const { jobs, ran } = recorder([['hourly', '0 * * * *']])
  const scheduler = new Scheduler(jobs, await stateStore())
  await scheduler.begin(START)
  await scheduler.runDue(START + 5 * HOUR_MS)
  assert.deepEqual(ran, ['hourly 2013-01-01T05:00'])
})

test('a job that died is run again for the same moment by the next process', async () => {
  const state = await stateStore()
  const dying: Job = { name: 'job', cron: '0 1 * * *', run: () => Promise.reject(new Error('killed')) }
  const first = new Scheduler([dying], state)
  await first.begin(START)
  await assert.rejects(first.runDue(START + HOUR_MS), /killed/)
  const { jobs, ran } = recorder([['job', '0 1 * * *']])
  const second = new Scheduler(jobs, state)
  await second.begin(START + HOUR_MS)
  await second.runDue(START + HOUR_MS)
  assert.deepEqual(ran, ['job 2013-01-01T01:00'])
})

test('many years that were missed are made up for at once, at the newest moment', async () => {
  for (const [cron, expected] of [
    ['* * * * *', '2026-06-15T10:20'],
    ['0 * * * *', '2026-06-15T10:00'],
    ['20 10 * * *', '2026-06-15T10:20'],
    ['21 10 * * *', '2026-06-14T10:21'],
    ['0 0 1 1 *', '2026-01-01T00:00'],
    ['0 0 29 2 *', '2024-02-29T00:00'],
  ] as const) {
    const { jobs, ran } = recorder([['job', cron]])
    const scheduler = new Scheduler(jobs, await stateStore())
    await scheduler.begin(START)
    await scheduler.runDue(Date.parse('2026-06-15T10:20:00Z'))
    assert.deepEqual(ran, [`job ${expected}`], cron)
  }
})

test('a wrong cron expression is told with the name of its job', async () => {
  const { jobs } = recorder([['features/weather', '0 25 * * *']])
  const state = await stateStore()
  assert.throws(
    () => new Scheduler(jobs, state),
    /schedule of features\/weather is no cron expression: "0 25 \* \* \*"/,
  )
})
