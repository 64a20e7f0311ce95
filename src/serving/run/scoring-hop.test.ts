import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { type ServingFixture, servingFixture } from '../../../test/ports/serving-fixture.ts'
import { EmbeddedTopicLog } from '../../adapters/embedded/topic-log.ts'
import { VirtualClock } from '../../kernel/index.ts'
import type { LineageEdge } from '../../metadata/index.ts'
import type { HopTransaction, TopicLog } from '../../topic/index.ts'
import { recordServingLineage } from './lineage.ts'
import { ScoringHop } from './scoring-hop.ts'

const SOURCE = 'flights.scheduled.validated'
const PREDICTIONS = 'delay.predictions.raw'
const contract = { version: '1.2.0', key: ['prediction_id'] }

describe('ScoringHop', () => {
  let fixture: ServingFixture
  let log: EmbeddedTopicLog
  beforeEach(async () => {
    fixture = await servingFixture()
    log = new EmbeddedTopicLog(':memory:')
    await log.createTopics([SOURCE, PREDICTIONS])
  })
  afterEach(async () => {
    await log.close()
    await fixture.close()
  })

  function hop(over: TopicLog = log) {
    const { endpoint, events } = fixture
    const registry = { latest: async () => ({ contract }) }
    return new ScoringHop({ endpoint, log: over, registry, clock: new VirtualClock(1_000), events, batchSize: 4 })
  }

  async function schedule(values: readonly (object | null)[], firstTimestamp = 100): Promise<void> {
    await log.append(
      SOURCE,
      values.map((value, index) => ({
        key: null,
        value: value && Buffer.from(JSON.stringify(value)),
        headers: {},
        timestamp: firstTimestamp + index,
      })),
    )
  }

  const flights = (count: number) => Array.from({ length: count }, (_, at) => ({ flight_id: `UA-${at}`, first: at }))
  const predictions = async () => log.read(PREDICTIONS, 0, 0, 1_000)
  const position = () => log.position('scoring/delay', SOURCE, 0)

  it('passes over what was announced before the first champion', async () => {
    await schedule(flights(10), 95)
    await fixture.promote('classifier', 100, 'champion')
    assert.equal(await hop().run(), 5)
    assert.equal((await predictions())[0]!.timestamp, 100)
    assert.equal(await position(), 10)
  })

  it('moves on while there is no model at all', async () => {
    await schedule(flights(6))
    assert.equal(await hop().run(), 0)
    assert.equal(await position(), 6)
  })

  it('writes a prediction as one event of the contract', async () => {
    const version = await fixture.promote('classifier', 0, 'champion', 'frozen')
    await schedule([{ flight_id: 'UA-1', first: 1, second: 11 }], Date.UTC(2013, 0, 1, 10, 15))
    assert.equal(await hop().run(), 1)
    const [record] = await predictions()
    const event = JSON.parse(Buffer.from(record!.value!).toString())
    assert.deepEqual(record!.headers, { 'cov.version': '1.2.0', 'cov.cause': `${SOURCE}/0/0` })
    assert.equal(Buffer.from(record!.key!).toString(), event.prediction_id)
    assert.equal(record!.timestamp, Date.UTC(2013, 0, 1, 10, 15))
    const { prediction_id, score, shadow_scores, ...rest } = event
    assert.match(prediction_id, /^prediction-/)
    assert.deepEqual(shadow_scores, { frozen: score })
    assert.deepEqual(rest, {
      endpoint: 'delay',
      flight_id: 'UA-1',
      scored_at: '2013-01-01T10:15:00.000Z',
      model: 'delay',
      model_version: version,
      run_id: 'run-0',
      label: true,
      shadow_versions: { frozen: version },
      features: { request__first: 1, request__second: 11 },
    })
  })

  it('passes over tombstones and events without the key', async () => {
    await fixture.promote('classifier', 0, 'champion')
    await schedule([null, { first: 1 }, { flight_id: null }, 'text' as unknown as object, { flight_id: 7 }])
    const told: number[] = []
    fixture.events.on('serving.scored', ({ rows, skipped }) => void told.push(rows, skipped))
    assert.equal(await hop().run(), 1)
    assert.deepEqual(told, [0, 4, 1, 0])
    assert.equal(JSON.parse(Buffer.from((await predictions())[0]!.value!).toString()).flight_id, '7')
  })

  it('gives the same predictions when it is killed before or after any of its transactions', async () => {
    await fixture.promote('classifier', 0, 'champion')
    for (const kill of ['before 1', 'after 1', 'before 2', 'after 2', 'before 3', 'after 3']) {
      await log.close()
      log = new EmbeddedTopicLog(':memory:')
      await log.createTopics([SOURCE, PREDICTIONS])
      await schedule(flights(11))
      await assert.rejects(hop(dyingAt(kill, log)).run(), new RegExp(kill))
      await hop().run()
      assert.equal(await hop().run(), 0)
      const scored = (await predictions()).map(({ value }) => JSON.parse(Buffer.from(value!).toString()).flight_id)
      assert.deepEqual(
        scored,
        flights(11).map((flight) => flight.flight_id),
      )
    }
  })

  it('tells which models served, from which the lineage is made', async () => {
    const edges: LineageEdge[] = []
    recordServingLineage(fixture.events, async (found) => void edges.push(...found))
    await fixture.promote('classifier', 0, 'champion', 'frozen')
    await schedule(flights(3))
    await hop().run()
    assert.deepEqual(
      edges.map(({ from, to }) => `${from.id} → ${to.id}`),
      ['delay@1 → delay', 'delay@1 → delay', `delay → ${PREDICTIONS}`],
    )
  })
})

/** A log whose process dies before or after one of its hops, e.g. `before 2`. */
function dyingAt(kill: string, log: TopicLog): TopicLog {
  let hops = 0
  return {
    createTopics: (topics) => log.createTopics(topics),
    topics: () => log.topics(),
    append: (...call) => log.append(...call),
    read: (...call) => log.read(...call),
    endOffset: (...call) => log.endOffset(...call),
    position: (...call) => log.position(...call),
    hop: async <T>(body: (transaction: HopTransaction) => T) => {
      hops++
      if (kill === `before ${hops}`) throw new Error(kill)
      const result = await log.hop(body)
      if (kill === `after ${hops}`) throw new Error(kill)
      return result
    },
    close: () => log.close(),
  }
}
