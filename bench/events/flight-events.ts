import type { FieldPlan, FieldRules, LogicalType, ValidationPlan } from '../../src/contract/index.ts'

const field = (name: string, type: LogicalType, required: boolean, rules: FieldRules = {}): FieldPlan => ({
  name,
  type,
  required,
  rules,
})

/** A plan with the kinds of rules that the contract `flights.arrived` of the example has. */
export const flightPlan: ValidationPlan = {
  planVersion: 2,
  contractId: 'flights-arrived',
  contractVersion: '1.0.0',
  topic: 'flights.arrived',
  cdc: null,
  key: ['flight_id'],
  eventTime: 'arrived_at',
  fields: [
    field('flight_id', 'string', true, { minLength: 1, maxLength: 40 }),
    field('carrier', 'string', true, { pattern: '^[0-9A-Z]{2}$' }),
    field('flight', 'integer', true, { minimum: 1, maximum: 9_999 }),
    field('tailnum', 'string', true, { pattern: '^N[0-9A-Z]{1,5}$' }),
    field('origin', 'string', true, { enum: ['EWR', 'JFK', 'LGA'] }),
    field('dest', 'string', true, { minLength: 3, maxLength: 3 }),
    field('scheduled_departure', 'timestamp', true),
    field('arrived_at', 'timestamp', true),
    field('arrival_delay', 'number', false, { minimum: -120, maximum: 2_000 }),
    field('air_time', 'integer', false, { minimum: 0 }),
    field('distance', 'integer', true, { minimum: 50 }),
  ],
  rules: [],
  hash: 'bench-flights-arrived',
}

/** Conforming events of about 240 bytes, as JSON texts; the same ones at every call. */
export function flightEvents(count: number): string[] {
  const carriers = ['UA', 'AA', 'B6', 'DL', 'EV']
  return Array.from({ length: count }, (_, i) => {
    const minute = String(i % 60).padStart(2, '0')
    const day = String(1 + (i % 28)).padStart(2, '0')
    return JSON.stringify({
      flight_id: `${carriers[i % 5]}-${1_000 + (i % 8_000)}-EWR-2013-01-${day}`,
      carrier: carriers[i % 5],
      flight: 1_000 + (i % 8_000),
      tailnum: `N${10_000 + (i % 80_000)}`,
      origin: ['EWR', 'JFK', 'LGA'][i % 3],
      dest: ['IAH', 'MIA', 'ORD', 'ATL'][i % 4],
      scheduled_departure: `2013-01-${day}T10:${minute}:00Z`,
      arrived_at: `2013-01-${day}T13:${minute}:00Z`,
      arrival_delay: i % 10 === 0 ? null : (i % 90) - 30,
      air_time: 40 + (i % 300),
      distance: 187 + (i % 2_400),
    })
  })
}

/** Middle of several measurements. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}
