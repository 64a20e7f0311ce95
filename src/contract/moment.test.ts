import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareMoments, isMoment } from './moment.ts'

const instant = fc.integer({ min: Date.UTC(0, 0, 1), max: Date.UTC(9998, 11, 31) })

test('every moment that Date knows is one, as timestamp, date and time', () => {
  fc.assert(
    fc.property(instant, (time) => {
      const iso = new Date(time).toISOString()
      assert.ok(isMoment('timestamp', iso))
      assert.ok(isMoment('date', iso.slice(0, 10)))
      assert.ok(isMoment('time', iso.slice(11, 23)))
    }),
  )
})

test('a day is one exactly when Date does not move it', () => {
  fc.assert(
    fc.property(fc.nat(9_999), fc.integer({ min: 0, max: 14 }), fc.integer({ min: 0, max: 33 }), (year, month, day) => {
      const text = [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join(
        '-',
      )
      const time = Date.parse(`${text}T00:00:00Z`)
      const real = Number.isFinite(time) && new Date(time).toISOString().startsWith(text)
      assert.equal(isMoment('date', text), real)
    }),
    { numRuns: 2_000 },
  )
})

test('timestamps are ordered as instants, in whatever zone they are written', () => {
  const zoned = (time: number, minutes: number) => {
    const sign = minutes < 0 ? '-' : '+'
    const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
    const zone = `${sign}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
    return new Date(time + minutes * 60_000).toISOString().replace('Z', zone)
  }
  const offset = fc.integer({ min: -1_439, max: 1_439 })
  const near = fc.constantFrom(-1_000, -1, 0, 1, 999, 60_000)
  const inside = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2100, 0, 1) })
  fc.assert(
    fc.property(inside, near, offset, offset, (time, step, a, b) => {
      const order = compareMoments('timestamp', zoned(time, a), zoned(time + step, b))
      assert.equal(Math.sign(order) + Math.sign(step), 0)
    }),
  )
})

test('fractions count beyond milliseconds', () => {
  assert.ok(compareMoments('timestamp', '2013-01-01T00:00:00.0001Z', '2013-01-01T00:00:00.00011Z') < 0)
  assert.equal(compareMoments('time', '10:00:00.5', '10:00:00.500'), 0)
  assert.ok(compareMoments('time', '10:00:00', '10:00:00.001') < 0)
  assert.ok(compareMoments('date', '2013-01-31', '2013-02-01') < 0)
})
