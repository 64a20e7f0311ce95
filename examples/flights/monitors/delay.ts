import { adHoc, cron, data, defineMonitor, defineTrigger, metric } from 'covenant'
import { delayPipeline } from '../pipelines/delay.ts'
import { delayEndpoint } from '../serving/delay.ts'

export const delayMonitor = defineMonitor({
  name: 'delay',
  endpoint: delayEndpoint,
  // Weeks end on Monday, 00:00 UTC; on Wednesday all their flights have landed and been audited.
  schedule: '0 6 * * 3',
  label: { topic: 'flights.arrived', key: 'flight_id', positive: 'arr_delay > 15', delay: '1d' },
  skew: { sample: 200 },
  alerts: [
    { metric: 'auc', subject: 'champion', below: 0.64, clear: 0.66 },
    { metric: 'skew', subject: '', above: 0 },
  ],
})

export const retraining = defineTrigger({
  pipeline: delayPipeline,
  on: [
    adHoc(),
    cron('0 5 1 * *'),
    metric({ monitor: delayMonitor, metric: 'auc', subject: 'champion', dropFrom: { by: 0.06, over: 4 } }),
    data({ model: 'labelled_flights', rows: 60_000 }),
  ],
  policy: { debounce: '12h', maxWait: '1d', coolDown: '10d', budget: { runs: 4, per: '28d' } },
})
