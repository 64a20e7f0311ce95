import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { AlertRule } from '../define.ts'
import { alertSpans } from './alerts.ts'

const rule: AlertRule = { metric: 'auc', subject: null, side: 'below', limit: 0.65, clear: 0.68, windows: 2 }

function series(values: readonly number[], subject = 'champion', metric = 'auc') {
  return values.map((value, week) => ({
    monitor: 'delay',
    metric,
    subject,
    windowStart: week * 7,
    windowEnd: week * 7 + 7,
    value,
    rows: 100,
  }))
}

describe('alertSpans', () => {
  it('opens after windows in a row and resolves at the clear level, once each', () => {
    const spans = alertSpans(rule, series([0.7, 0.6, 0.7, 0.6, 0.6, 0.6, 0.66, 0.68, 0.6, 0.6]))
    assert.deepEqual(
      spans.map(({ openedBy, resolvedBy }) => [openedBy, resolvedBy]),
      [
        [35, 56],
        [70, null],
      ],
    )
    assert.equal(spans[0]!.source, 'performance')
    assert.match(spans[0]!.message, /^auc of champion is 0.6, below 0.65 for 2 windows, in the window to 1970/)
  })

  it('judges each subject on its own', () => {
    const points = [...series([0.6, 0.7]), ...series([0.7, 0.6], 'frozen'), ...series([0, 0], 'champion', 'log-loss')]
    assert.deepEqual(alertSpans(rule, points), [])
    assert.equal(alertSpans({ ...rule, windows: 1 }, points).length, 2)
  })

  it('never changes an id or an opening by what comes later', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.5, max: 0.8, noNaN: true }), { maxLength: 30 }), (values) => {
        const all = alertSpans(rule, series(values))
        for (let length = 0; length <= values.length; length++) {
          const earlier = alertSpans(rule, series(values.slice(0, length)))
          for (const [index, span] of earlier.entries()) {
            assert.equal(all[index]!.id, span.id)
            if (span.resolvedBy !== null) assert.deepEqual(all[index], span)
          }
        }
        assert.ok(all.filter(({ resolvedBy }) => resolvedBy === null).length <= 1)
      }),
    )
  })
})
