import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { findFlightsData } from './dataset.ts'
import { type FeedBatch, type FeedEvent, type FlightsFeed, openFlightsFeed } from './feed.ts'
import { FEED_TOPICS, type FeedTopic } from './prepare.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const dataDir = findFlightsData(root)
const cacheDir = join(root, '.cache', 'flights')
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const WINDOW_MS = 2 * DAY_MS
const START = Date.parse('2013-01-01T00:00:00Z')
const END = Date.parse('2014-01-02T00:00:00Z')
const gap = { topic: 'weather.observed', from: '2013-02-27T00:00Z', to: '2013-03-02T12:00Z' } as const
const GAP_FROM = Date.parse(gap.from)
const GAP_TO = Date.parse(gap.to)

/** Joins what windows gave, and checks that their numbers follow each other. */
function joined(windows: readonly (readonly FeedBatch[])[]): Map<FeedTopic, { first: number; events: FeedEvent[] }> {
  const all = new Map<FeedTopic, { first: number; events: FeedEvent[] }>()
  for (const { topic, firstSequence, events } of windows.flat()) {
    const so = all.get(topic) ?? { first: firstSequence, events: [] }
    assert.equal(firstSequence, so.first + so.events.length, `${topic} goes on where it stopped`)
    so.events.push(...events)
    all.set(topic, so)
  }
  return all
}

describe('the flights feed', () => {
  let feed: FlightsFeed
  let gapped: FlightsFeed

  before(async () => {
    feed = await openFlightsFeed({ dataDir, cacheDir })
    gapped = await openFlightsFeed({ dataDir, cacheDir, gaps: [gap] })
  })
  after(() => {
    feed.close()
    gapped.close()
  })

  it('gives the same events whatever windows it is read in, also around a gap', async () => {
    const cut = fc.integer({ min: 0, max: WINDOW_MS })
    const start = fc.constantFrom(
      START,
      GAP_FROM - DAY_MS,
      GAP_TO - 2 * DAY_MS,
      Date.parse('2013-06-28'),
      Date.parse('2013-12-25'),
    )
    await fc.assert(
      fc.asyncProperty(start, fc.array(cut, { maxLength: 12 }), async (from, cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), WINDOW_MS].map((offset) => from + offset)
        const windows: (readonly FeedBatch[])[] = []
        for (let index = 1; index < edges.length; index++)
          windows.push(await gapped.read(edges[index - 1]!, edges[index]!))
        const whole = await gapped.read(from, from + WINDOW_MS)
        assert.deepEqual(joined(windows), joined([whole]))
        for (const { events } of whole)
          assert.ok(events.every(({ timestamp }) => timestamp >= from && timestamp < from + WINDOW_MS))
      }),
      { numRuns: 8 },
    )
  })

  it('sends the events of a gap at its end, late, with their own times in the body', async () => {
    const weather = (batches: readonly FeedBatch[]) => batches.find(({ topic }) => topic === 'weather.observed')
    assert.equal(weather(await gapped.read(GAP_FROM, GAP_TO)), undefined)
    const late = weather(await gapped.read(GAP_TO, GAP_TO + HOUR_MS))!
    const usual = weather(await feed.read(GAP_FROM, GAP_TO + HOUR_MS))!
    assert.equal(late.firstSequence, usual.firstSequence)
    assert.deepEqual(
      late.events.map(({ value }) => value),
      usual.events.map(({ value }) => value),
    )
    assert.ok(late.events.length > 240)
    assert.ok(late.events.every(({ timestamp }) => timestamp === GAP_TO))
    assert.equal(JSON.parse(late.events[0]!.value!).observed_at, '2013-02-27T00:00:00Z')
    for (const topic of FEED_TOPICS) assert.equal(gapped.countBefore(END).get(topic), feed.countBefore(END).get(topic))
  })

  it('refuses a gap that ends before it begins', async () => {
    const backwards = { topic: gap.topic, from: gap.to, to: gap.from } as const
    await assert.rejects(openFlightsFeed({ dataDir, cacheDir, gaps: [backwards] }), /must end after it begins/)
  })

  it('announces flights two hours ahead and tells arrivals when they happen', async () => {
    const batches = await feed.read(START, START + DAY_MS)
    for (const { topic, events } of batches)
      for (const { timestamp, value } of events) {
        const event = JSON.parse(value!)
        if (topic === 'flights.scheduled') {
          assert.equal(timestamp, Date.parse(event.sched_dep) - 2 * HOUR_MS)
          assert.equal(timestamp, Date.parse(event.announced_at))
        }
        if (topic === 'flights.arrived' && event.arr_at) assert.equal(timestamp, Date.parse(event.arr_at))
        if (topic === 'weather.observed') assert.equal(timestamp, Date.parse(event.observed_at))
      }
  })

  it('sends air time from July on', async () => {
    const july = Date.parse('2013-07-01T00:00:00Z')
    const withAirTime = async (from: number, to: number) =>
      (await feed.read(from, to))
        .filter(({ topic }) => topic === 'flights.arrived')
        .flatMap(({ events }) => events)
        .filter(({ value }) => value!.includes('"air_time"')).length
    assert.equal(await withAirTime(july - DAY_MS, july), 0)
    assert.ok((await withAirTime(july, july + DAY_MS)) > 800)
  })
})
