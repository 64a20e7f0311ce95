import { type Feed, type FeedBatch, rawTopic } from 'covenant/runtime'
import type { FlightsFeed } from './data/feed.ts'

/** The flights, weather and planes as raw records, up to the moment `end`. */
export function feedOf(flights: FlightsFeed, end: number): Feed {
  return {
    producerId: 'nycflights13',
    read: async (from, to) => (from >= end ? [] : (await flights.read(from, Math.min(to, end))).map(asRecords)),
  }
}

function asRecords({ topic, firstSequence, events }: Awaited<ReturnType<FlightsFeed['read']>>[number]): FeedBatch {
  return {
    topic: rawTopic(topic),
    firstSequence,
    records: events.map(({ key, value, timestamp }) => ({
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      headers: {},
      timestamp,
    })),
  }
}
