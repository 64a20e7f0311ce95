/** The durable hop raw → validated, embedded: read, decode, validate, write and position, synced to disk per batch. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmbeddedTopicLog } from '../src/adapters/embedded/topic-log.ts'
import { EventBus, stopwatchMs, systemClock } from '../src/kernel/index.ts'
import { deadLetterTopic, rawTopic, validatedTopic } from '../src/topic/index.ts'
import { ValidationHop } from '../src/validation/index.ts'
import { flightEvents, flightPlan, median } from './events/flight-events.ts'

const EVENTS = 100_000
const BATCH = 2_000
const ROUNDS = 5
const GOAL = 100_000
const { topic } = flightPlan

const folder = mkdtempSync(join(tmpdir(), 'covenant-bench-'))
const values = flightEvents(EVENTS).map((text) => Buffer.from(text))
const produced: number[] = []
const hopped: number[] = []
for (let round = 0; round < ROUNDS; round++) {
  const log = new EmbeddedTopicLog(join(folder, `topics-${round}.db`), 'full')
  await log.createTopics([rawTopic(topic), validatedTopic(topic), deadLetterTopic(topic)])
  produced.push(await perSecond(() => produce(log)))
  const contract = { migrations: [], deadLetters: { blockKey: false, breaker: null } }
  const registry = { versionsOf: async () => [{ plan: flightPlan, contract, activeFrom: [0] }] }
  const hop = new ValidationHop({ log, registry, clock: systemClock, events: new EventBus(), batchSize: BATCH })
  hopped.push(await perSecond(() => hop.run(topic)))
  if ((await log.endOffset(validatedTopic(topic), 0)) !== EVENTS) throw new Error('not every event was validated')
  await log.close()
}
rmSync(folder, { recursive: true })

const unit = 'events/s'
const hop = Math.round(median(hopped))
print({ name: 'append to a raw topic, embedded, durable', value: Math.round(median(produced)), unit })
print({ name: 'hop raw to validated, embedded, durable', value: hop, unit, goal: GOAL, met: hop >= GOAL })

async function produce(log: EmbeddedTopicLog): Promise<void> {
  for (let start = 0; start < EVENTS; start += BATCH) {
    const batch = values.slice(start, start + BATCH)
    const records = batch.map((value, i) => ({ key: Buffer.from(`k${start + i}`), value, headers: {}, timestamp: i }))
    await log.append(rawTopic(topic), records)
  }
}

async function perSecond(body: () => Promise<unknown>): Promise<number> {
  const startedAt = stopwatchMs()
  await body()
  return (EVENTS / (stopwatchMs() - startedAt)) * 1_000
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
