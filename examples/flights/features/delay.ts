import {
  batch,
  count,
  dayOfWeek,
  defineEntity,
  defineFeatureService,
  defineFeatureView,
  defineOnDemandView,
  field,
  indexOf,
  last,
  mean,
  minuteOfDay,
  stream,
} from 'covenant'

const NEW_YORK = 'America/New_York'
const CARRIERS = ['UA', 'B6', 'EV', 'DL', 'AA', 'MQ', 'US', '9E', 'WN', 'VX', 'FL', 'AS', 'F9', 'YV', 'HA', 'OO']

const carrier = defineEntity({ name: 'carrier', keys: ['carrier'] })
const route = defineEntity({ name: 'route', keys: ['origin', 'dest'] })
const origin = defineEntity({ name: 'origin', keys: ['origin'] })
const plane = defineEntity({ name: 'plane', keys: ['tailnum'] })

export const carrierHistory = defineFeatureView({
  name: 'carrier_history',
  description: 'How late the carrier was in the past weeks.',
  entity: carrier,
  source: batch('flight_outcomes', { eventTime: 'arrived_at', schedule: '0 3 * * *' }),
  features: { late_7d: mean('late', '7d'), late_28d: mean('late', '28d') },
})

export const routeHistory = defineFeatureView({
  name: 'route_history',
  description: 'How late flights on the route were in the past weeks.',
  entity: route,
  source: batch('flight_outcomes', { eventTime: 'arrived_at', schedule: '0 3 * * *' }),
  features: { late_7d: mean('late', '7d'), late_28d: mean('late', '28d') },
})

export const planeRegister = defineFeatureView({
  name: 'plane_register',
  description: 'The aircraft as the register describes it.',
  entity: plane,
  source: batch('plane_changes', { eventTime: 'changed_at', schedule: '0 3 * * *' }),
  features: { seats: last('seats') },
})

export const originNow = defineFeatureView({
  name: 'origin_now',
  description: 'Delays at the origin in the last hours, straight from the validated topic.',
  entity: origin,
  source: stream('flights.arrived'),
  features: {
    arrivals_3h: count('3h'),
    dep_delay_3h: mean('dep_delay', '3h'),
    arr_delay_1h: mean('arr_delay', '1h'),
    arr_delay_3h: mean('arr_delay', '3h'),
    arr_delay_6h: mean('arr_delay', '6h'),
  },
})

export const weatherNow = defineFeatureView({
  name: 'weather_now',
  description: 'The last observation at the origin, not older than six hours.',
  entity: origin,
  source: stream('weather.observed'),
  features: {
    temp: last('temp', '6h'),
    humid: last('humid', '6h'),
    wind_speed: last('wind_speed', '6h'),
    precip: last('precip', '6h'),
    visib: last('visib', '6h'),
    pressure: last('pressure', '6h'),
  },
})

export const flight = defineOnDemandView({
  name: 'flight',
  description: 'What the request itself says.',
  features: {
    minute: minuteOfDay('sched_dep', NEW_YORK),
    weekday: dayOfWeek('sched_dep', NEW_YORK),
    distance: field('distance'),
    carrier: indexOf('carrier', CARRIERS),
    origin: indexOf('origin', ['EWR', 'JFK', 'LGA']),
  },
})

export const delayFeatures = defineFeatureService({
  name: 'delay',
  description: 'Everything known two hours before departure about whether a flight will arrive late.',
  views: [flight, originNow, weatherNow, carrierHistory, routeHistory, planeRegister],
})
