import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DAY_MS } from '../kernel/index.ts'
import { adHoc, cron, data, defineTrigger, metric, newestDue, nextDue, UNLIMITED } from './define.ts'

describe('defineTrigger', () => {
  it('compiles a policy to milliseconds', () => {
    const trigger = defineTrigger({
      pipeline: { name: 'delay' },
      on: [adHoc(), cron('0 5 1 * *')],
      policy: { debounce: '1d', coolDown: '7d', budget: { runs: 4, per: '28d' }, stopAfterRejected: 3 },
    })
    assert.equal(trigger.name, 'delay')
    assert.deepEqual(trigger.policy, {
      debounceMs: DAY_MS,
      maxWaitMs: 4 * DAY_MS,
      coolDownMs: 7 * DAY_MS,
      budget: { runs: 4, perMs: 28 * DAY_MS, whenUsedUp: 'refuse' },
      stopAfterRejected: 3,
      params: {},
    })
  })

  it('limits nothing unless told', () => {
    assert.deepEqual(defineTrigger({ pipeline: 'delay', on: [adHoc()] }).policy, UNLIMITED)
  })

  it('refuses what cannot be triggered', () => {
    const wrong = [
      () => defineTrigger({ pipeline: 'delay', on: [] }),
      () => defineTrigger({ pipeline: 'delay', on: [adHoc()], policy: { debounce: 'a day' } }),
      () => defineTrigger({ pipeline: 'delay', on: [adHoc()], policy: { budget: { runs: 0, per: '1d' } } }),
      () => defineTrigger({ pipeline: 'delay', on: [adHoc()], policy: { stopAfterRejected: 0.5 } }),
      () => cron('61 * * * *'),
      () => data({ model: 'flights', rows: 0 }),
      () => metric({ monitor: 'delay', metric: 'auc' }),
      () => metric({ monitor: 'delay', metric: 'auc', below: 0.6, above: 0.7 }),
      () => metric({ monitor: 'delay', metric: 'auc', below: 0.6, clear: 0.5 }),
      () => metric({ monitor: 'delay', metric: 'auc', above: 0.6, clear: 0.7 }),
      () => metric({ monitor: 'delay', metric: 'auc', below: 0.6, windows: 3, of: 2 }),
      () => metric({ monitor: 'delay', metric: 'auc', dropFrom: { by: 0, over: 4 } }),
      () => metric({ monitor: 'delay', metric: 'auc', dropFrom: { by: 0.03, over: 4 }, clear: 1 }),
    ]
    for (const define of wrong) assert.throws(define, { code: 'TRIGGER_INVALID' })
  })

  it('finds due times in UTC, the present moment among those that are past', () => {
    const due = Date.UTC(2013, 2, 1, 5)
    assert.equal(newestDue('0 5 1 * *', due), due)
    assert.equal(newestDue('0 5 1 * *', due - 1), Date.UTC(2013, 1, 1, 5))
    assert.equal(nextDue('0 5 1 * *', due), Date.UTC(2013, 3, 1, 5))
  })
})
