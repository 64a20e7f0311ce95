import { defineEndpoint } from 'covenant'
import { delayFeatures } from '../features/delay.ts'

export const delayEndpoint = defineEndpoint({
  name: 'delay',
  model: 'delay',
  alias: 'champion',
  shadows: [
    { name: 'frozen', model: 'delay', alias: 'frozen' },
    { name: 'control', model: 'delay-control', alias: 'champion' },
  ],
  service: delayFeatures,
  source: { topic: 'flights.scheduled', keyField: 'flight_id' },
  predictions: 'delay.predictions',
  threshold: 0.5,
})
