import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { delayEndpoint } from '../../test/ports/serving-fixture.ts'
import { DAY_MS } from '../kernel/index.ts'
import { defineMonitor } from './define.ts'

const definition = { name: 'delay', endpoint: delayEndpoint, schedule: '0 6 * * 1' }

describe('defineMonitor', () => {
  it('measures all features by the week unless told otherwise', () => {
    const monitor = defineMonitor(definition)
    assert.equal(monitor.windowMs, 7 * DAY_MS)
    assert.equal(monitor.label, null)
    assert.deepEqual(monitor.drift.features, delayEndpoint.service.featureNames)
    assert.deepEqual(
      monitor.alerts.map(({ metric }) => metric),
      ['drifted', 'prediction-drifted', 'skew'],
    )
  })

  it('refuses what cannot be measured', () => {
    const wrong = [
      { schedule: 'every monday' },
      { window: 'a week' },
      { window: '0d' },
      { drift: { features: ['unknown'] } },
      { label: { topic: 'flights.arrived', key: 'flight_id', positive: 'true', delay: 'soon' } },
      { alerts: [{ metric: 'auc' }] },
      { alerts: [{ metric: 'auc', below: 0.6, above: 0.7 }] },
      { alerts: [{ metric: 'auc', below: 0.6, clear: 0.5 }] },
      { alerts: [{ metric: 'auc', below: 0.6, windows: 0 }] },
    ]
    for (const change of wrong)
      assert.throws(() => defineMonitor({ ...definition, ...change }), { code: 'MONITOR_INVALID' })
  })
})
