import { batch, count, defineEntity, defineFeatureService, defineFeatureView, last, mean, stream } from 'covenant'

const station = defineEntity({ name: 'station', keys: ['station'] })

export const stationHistory = defineFeatureView({
  name: 'station_history',
  description: 'How cold the station was in the past week: from the warehouse, on a schedule.',
  entity: station,
  source: batch('readings', { eventTime: 'known_at', schedule: '*/10 * * * * *' }),
  features: { celsius_7d: mean('celsius', '7d'), freezing_7d: mean('freezing', '7d') },
})

export const stationNow = defineFeatureView({
  name: 'station_now',
  description: 'What the station says at this moment: straight from the validated topic.',
  entity: station,
  source: stream('station.readings'),
  features: { celsius: last('celsius', '6h'), readings_1h: count('1h') },
})

export const stationFeatures = defineFeatureService({
  name: 'station',
  description: 'Everything known about a station.',
  views: [stationNow, stationHistory],
})
