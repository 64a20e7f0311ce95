import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type MonitorTables, monitorMigrations, SqlMonitorStore } from '../../adapters/sql/monitor-store.ts'
import { type RunTables, runMigrations, SqlRunStore } from '../../adapters/sql/run-store.ts'
import { SqlStateStore, type StateTables, stateMigrations } from '../../adapters/sql/state-store.ts'
import { SqlTriggerLedger, type TriggerTables, triggerMigrations } from '../../adapters/sql/trigger-ledger.ts'
import { CovenantError, DAY_MS, EventBus, migrateToLatest, openKysely, VirtualClock } from '../../kernel/index.ts'
import { adHoc, cron, data, defineTrigger, metric, type Trigger } from '../define.ts'
import type { CountedRows, RunStart } from '../ports.ts'
import { TriggerEngine } from './engine.ts'
import { adHocSignal } from './sources.ts'

const START = Date.UTC(2013, 0, 1)

const retraining = defineTrigger({
  pipeline: 'delay',
  on: [
    adHoc(),
    cron('0 5 1 * *'),
    metric({ monitor: 'delay', metric: 'auc', below: 0.65, clear: 0.68, windows: 2, of: 3 }),
    data({ model: 'labelled_flights', rows: 15_000 }),
  ],
  policy: { debounce: '1d', coolDown: '7d', budget: { runs: 3, per: '28d' } },
})

/** Dies at the n-th write. */
type Mortal = <T>(write: () => Promise<T>) => Promise<T>

class Killed extends Error {}

function dyingAt(write: number): Mortal {
  let writes = 0
  return async (body) => {
    if (++writes === write) throw new Killed('before a write')
    const result = await body()
    if (++writes === write) throw new Killed('after a write')
    return result
  }
}

/** What outlives the process, and a process on it. */
async function stateOf(triggers: readonly Trigger[] = [retraining]) {
  const database = openKysely<RunTables & StateTables & TriggerTables & MonitorTables>(':memory:')
  const migrations = {
    run: runMigrations,
    state: stateMigrations,
    trigger: triggerMigrations,
    monitor: monitorMigrations,
  }
  for (const [stage, steps] of Object.entries(migrations)) await migrateToLatest(database, `${stage}_migrations`, steps)
  const stores = {
    runs: new SqlRunStore(database as never),
    state: new SqlStateStore(database as never),
    ledger: new SqlTriggerLedger(database as never),
    monitors: new SqlMonitorStore(database as never),
  }
  const clock = new VirtualClock(START)
  let rows = 0
  const process = (mortal: Mortal = (write) => write(), startRun?: (start: RunStart) => Promise<void>) => {
    const { runs, state, ledger, monitors } = stores
    const execute = async ({ runId, pipeline, trigger, signalId, params }: RunStart) => {
      const run = { id: runId, pipeline, pipelineVersion: 'v1', trigger, signalId, params, reason: null }
      const begun = { ...run, startedAt: clock.now(), finishedAt: null, outcome: null }
      await mortal(() => runs.putRun(begun))
      await mortal(() => runs.putRun({ ...begun, finishedAt: clock.now(), outcome: 'succeeded' }))
    }
    const events = new EventBus()
    const engine = new TriggerEngine({
      triggers,
      ledger: {
        add: (entry) => mortal(() => ledger.add(entry)),
        update: (entries) => mortal(() => ledger.update(entries)),
        entries: (pipeline) => ledger.entries(pipeline),
      },
      runs,
      points: monitors,
      rows: { count: async (counted: CountedRows) => ('model' in counted ? rows : 0) },
      state: { get: (name) => state.get(name), set: (name, value) => mortal(() => state.set(name, value)) },
      startRun: startRun ?? execute,
      clock,
      events,
    })
    return { engine, events }
  }
  return {
    ...stores,
    clock,
    process,
    setRows(count: number) {
      rows = count
    },
    async ledgerLines() {
      return (await stores.ledger.entries()).map(
        ({ signal, outcome, reason }) => `${day(signal.at)} ${signal.kind} ${outcome}: ${reason}`,
      )
    },
    close: () => database.destroy(),
  }
}

type State = Awaited<ReturnType<typeof stateOf>>

const day = (at: number) => new Date(at).toISOString().slice(0, 10)

/** What happens in the world on the `n`-th day: 1,000 rows a day, a weekly AUC that falls in March. */
async function happen(state: State, n: number): Promise<void> {
  const now = START + n * DAY_MS
  state.clock.advanceTo(now)
  state.setRows(n * 1_000)
  if (n % 7 !== 0) return
  const value = n < 60 ? 0.7 : n < 100 ? 0.63 : 0.7
  const point = { monitor: 'delay', metric: 'auc', subject: 'champion', value, rows: 6_000 }
  await state.monitors.putPoints([{ ...point, windowStart: now - 7 * DAY_MS, windowEnd: now }])
}

async function live(state: State, days: number, firstMortal?: Mortal): Promise<void> {
  let { engine, events } = state.process(firstMortal)
  for (let n = 0; n <= days; n++) {
    await happen(state, n)
    for (;;) {
      try {
        await events.emit('monitoring.points', { monitor: 'delay', points: [], at: state.clock.now() })
        await events.emit('warehouse.model-built', {
          model: 'labelled_flights',
          hash: '',
          rows: 0,
          sources: [],
          refs: [],
          at: state.clock.now(),
        })
        if (n === 20) await engine.offer(adHocSignal('delay', 'first', state.clock.now(), { rounds: 7 }))
        await engine.evaluate(state.clock.now())
        break
      } catch (error) {
        if (!(error instanceof Killed)) throw error
        ;({ engine, events } = state.process())
      }
    }
  }
}

describe('TriggerEngine', () => {
  it('turns signals of every kind into runs through one policy', async () => {
    const state = await stateOf()
    await live(state, 120)
    const lines = (await state.ledgerLines()).map((line) => line.replaceAll(/run-\w+/g, 'run'))
    assert.deepEqual(lines, [
      '2013-01-01 cron fired: started run',
      '2013-01-16 data fired: started run',
      '2013-01-21 ad-hoc fired: started run',
      '2013-01-31 data fired: started run',
      '2013-02-01 cron refused: budget of 3 runs in 28d is used up until 2013-02-14T00:00:00.000Z',
      '2013-02-15 data fired: started run',
      '2013-03-01 cron fired: started run',
      '2013-03-02 data merged: merged into run',
      '2013-03-12 metric fired: started run',
      '2013-03-17 data deferred: cool-down until 2013-03-20T00:00:00.000Z; ran as run',
      '2013-04-01 data fired: started run',
      '2013-04-01 cron merged: merged into run',
      '2013-04-16 data fired: started run',
      '2013-05-01 data null: waits until 2013-05-02T00:00:00.000Z for other signals',
    ])
    await state.close()
  })

  it('ends in the same state wherever the process is killed', async () => {
    const undisturbed = await stateOf()
    await live(undisturbed, 36)
    const expected = [await undisturbed.ledger.entries(), await undisturbed.runs.runs()]
    await undisturbed.close()
    for (let write = 1, died = true; died; write++) {
      const state = await stateOf()
      const mortal = dyingAt(write)
      died = false
      await live(state, 36, (body) =>
        mortal(body).catch((error) => {
          died = true
          throw error
        }),
      )
      assert.deepEqual([await state.ledger.entries(), await state.runs.runs()], expected, `killed at write ${write}`)
      await state.close()
    }
  })

  it('keeps a signal once, however often it is offered', async () => {
    const state = await stateOf()
    const { engine } = state.process()
    const signal = adHocSignal('delay', 'once', START)
    await engine.offer(signal)
    await engine.evaluate(START)
    assert.equal((await engine.offer({ ...signal, at: START + 5 })).outcome, 'fired')
    assert.equal(await engine.evaluate(START), 0)
    assert.equal((await state.runs.runs()).length, 1)
    await state.close()
  })

  it('runs a pipeline without a trigger when it is asked for', async () => {
    const state = await stateOf([])
    const { engine } = state.process()
    await engine.ask({ pipeline: 'report', id: 'one', params: { month: 3 } })
    assert.equal(await engine.evaluate(START), 1)
    assert.deepEqual(
      (await state.runs.runs()).map(({ pipeline, params }) => [pipeline, params]),
      [['report', { month: 3 }]],
    )
    await state.close()
  })

  it('refuses an ad-hoc signal that the trigger does not take', async () => {
    const state = await stateOf([defineTrigger({ pipeline: 'delay', on: [cron('0 5 1 * *')] })])
    const { engine } = state.process()
    const entry = await engine.offer(adHocSignal('delay', 'one', START))
    assert.equal(entry.outcome, 'refused')
    assert.equal(await engine.evaluate(START), 0)
    await state.close()
  })

  it('refuses the signals of a run that cannot begin, and goes on', async () => {
    const state = await stateOf()
    const { engine } = state.process(undefined, async () => {
      throw new CovenantError({
        code: 'PIPELINE_NOT_DEPLOYED',
        message: 'delay is not deployed.',
        remedy: 'Deploy it.',
      })
    })
    await engine.offer(adHocSignal('delay', 'one', START))
    await engine.evaluate(START)
    assert.deepEqual(await state.ledgerLines(), ['2013-01-01 ad-hoc refused: delay is not deployed. Deploy it.'])
    await state.close()
  })

  it('takes up a run that was stopped, at the next evaluation', async () => {
    const state = await stateOf()
    const stopping = state.process(undefined, async () => {
      throw new CovenantError({ code: 'PIPELINE_STOPPING', message: 'The process stops.', retryable: true })
    })
    await stopping.engine.offer(adHocSignal('delay', 'one', START))
    await assert.rejects(stopping.engine.evaluate(START), { code: 'PIPELINE_STOPPING' })
    assert.equal(await state.process().engine.evaluate(START), 1)
    assert.equal((await state.runs.runs()).length, 1)
    await state.close()
  })

  it('refuses two triggers for one pipeline', async () => {
    const twin = defineTrigger({ name: 'twin', pipeline: 'delay', on: [adHoc()] })
    const state = await stateOf([retraining, twin])
    assert.throws(() => state.process(), { code: 'TRIGGER_TWICE' })
    await state.close()
  })
})
