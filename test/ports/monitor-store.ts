import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MonitorPoint, MonitorStore } from '../../src/monitoring/ports.ts'

/** What every monitor store must do. `make` opens an empty one. */
export function monitorStoreSuite(name: string, make: () => Promise<MonitorStore>): void {
  describe(`monitor store: ${name}`, () => {
    it('gives points back by the end of their windows', async () => {
      const store = await make()
      const points = [point('auc', 20, 0.6), point('auc', 10, 0.7), point('drift', 10, 0.1)]
      await store.putPoints(points)
      await store.putPoints([])
      assert.deepEqual(await store.points('delay', 'auc'), [points[1], points[0]])
      assert.deepEqual(await store.points('delay'), [points[1], points[2], points[0]])
      assert.deepEqual(await store.points('other'), [])
    })

    it('replaces the point of a window that was computed again', async () => {
      const store = await make()
      await store.putPoints([point('auc', 10, 0.7)])
      await store.putPoints([{ ...point('auc', 10, 0.71), rows: 120 }, point('auc', 10, 0.5, 'frozen')])
      assert.deepEqual(await store.points('delay', 'auc'), [
        { ...point('auc', 10, 0.71), rows: 120 },
        point('auc', 10, 0.5, 'frozen'),
      ])
    })

    it('keeps an alert once, open and then resolved', async () => {
      const store = await make()
      const alert = {
        id: 'alert-1',
        source: 'drift',
        subject: 'delay',
        message: 'drifted',
        raisedAt: 20,
        resolvedAt: null,
      }
      await store.putAlert(alert)
      await store.putAlert({ ...alert, id: 'alert-0', raisedAt: 10 })
      await store.putAlert({ ...alert, resolvedAt: 30 })
      assert.deepEqual(await store.alerts(), [
        { ...alert, id: 'alert-0', raisedAt: 10 },
        { ...alert, resolvedAt: 30 },
      ])
    })
  })
}

function point(metric: string, windowEnd: number, value: number, subject = 'champion'): MonitorPoint {
  return { monitor: 'delay', metric, subject, windowStart: windowEnd - 10, windowEnd, value, rows: 100 }
}
