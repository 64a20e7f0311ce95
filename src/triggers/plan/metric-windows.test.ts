import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { metric } from '../define.ts'
import { metricSignals } from './metric-windows.ts'

function series(values: readonly number[]) {
  return values.map((value, week) => ({
    monitor: 'delay',
    metric: 'auc',
    subject: 'champion',
    windowStart: week * 7,
    windowEnd: week * 7 + 7,
    value,
    rows: 100,
  }))
}

const weeksOf = (source: ReturnType<typeof metric>, values: readonly number[]) =>
  metricSignals(source, series(values)).map(({ windowEnd }) => windowEnd / 7 - 1)

const auc = { monitor: 'delay', metric: 'auc' }

describe('metricSignals', () => {
  it('signals once while a value stays bad, and again after it was good', () => {
    assert.deepEqual(weeksOf(metric({ ...auc, below: 0.65 }), [0.7, 0.6, 0.6, 0.6, 0.7, 0.6]), [1, 5])
  })

  it('is not good again before the clear level', () => {
    const source = metric({ ...auc, below: 0.65, clear: 0.7 })
    assert.deepEqual(weeksOf(source, [0.6, 0.66, 0.6, 0.7, 0.6]), [0, 4])
  })

  it('waits for k of n bad windows', () => {
    const source = metric({ ...auc, below: 0.65, windows: 2, of: 3 })
    assert.deepEqual(weeksOf(source, [0.6, 0.7, 0.7, 0.6, 0.7, 0.6, 0.6]), [5])
    assert.deepEqual(weeksOf(source, [0.6, 0.6]), [1])
  })

  it('measures values that shall be low from above', () => {
    assert.deepEqual(weeksOf(metric({ ...auc, above: 0.2 }), [0.1, 0.3, 0.1, 0.3]), [1, 3])
  })

  it('compares with the mean of the windows before', () => {
    const source = metric({ ...auc, dropFrom: { by: 0.05, over: 2 } })
    assert.deepEqual(weeksOf(source, [0.5, 0.7, 0.7, 0.64, 0.7]), [3])
    assert.deepEqual(weeksOf(source, [0.7, 0.5]), [])
  })

  it('says what happened', () => {
    const [signal] = metricSignals(metric({ ...auc, below: 0.65, windows: 1, of: 2 }), series([0.61234]))
    assert.equal(
      signal!.cause,
      'auc of champion in monitor delay is 0.6123 (below 0.65, 1 of 2 windows) in the window to 1970-01-01T00:00:00.007Z',
    )
  })

  it('never takes a signal back when more windows come', () => {
    const source = metric({ ...auc, below: 0.65, clear: 0.67, windows: 2, of: 4 })
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.5, max: 0.8, noNaN: true }), { maxLength: 30 }), (values) => {
        const all = metricSignals(source, series(values))
        for (let length = 0; length <= values.length; length++) {
          const earlier = metricSignals(source, series(values.slice(0, length)))
          assert.deepEqual(earlier, all.slice(0, earlier.length))
        }
      }),
    )
  })
})
