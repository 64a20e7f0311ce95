import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { openTestDuckDb, temporaryState } from '../../../test/ports/duckdb-fixture.ts'
import type { DuckDb } from '../../adapters/embedded/duckdb.ts'
import { SqlPublishedRows } from './published-rows.ts'

describe('SqlPublishedRows', () => {
  const state = temporaryState()
  let duckdb: DuckDb
  let snapshotId = 0

  before(async () => {
    duckdb = await openTestDuckDb(state.path)
    for (const count of [3, 2]) {
      const rows = Array.from({ length: count }, (_, index) => ({
        partition: 0,
        offset: count === 3 ? index : 3 + index,
        timestamp: 0,
        contractVersion: '1.0.0',
        json: JSON.stringify({ id: `${index}` }),
      }))
      const batch = { table: 'flights_arrived', topic: 'flights.arrived.validated', rows }
      const { id } = await duckdb.lake.commit([{ ...batch, columns: [{ name: 'id', type: 'string' }] }], 0)
      if (count === 3) snapshotId = id
    }
    await duckdb.engine.execute('CREATE TABLE warehouse.main.labelled AS SELECT range AS id FROM range(7)')
    await duckdb.engine.execute('CREATE VIEW warehouse.main.some_labelled AS FROM warehouse.main.labelled LIMIT 4')
  })
  after(async () => {
    await duckdb.close()
    state.remove()
  })

  function rowsPublishedTo(published: number) {
    const publication = { contractId: 'c', table: 'flights_arrived', publishedAt: 0, heldSince: null }
    const publications = { publications: async () => [{ ...publication, snapshotId: published }] }
    return new SqlPublishedRows({ engine: duckdb.engine, lake: duckdb.lake, publications })
  }

  it('counts what is published of a topic, not what is in the lake', async () => {
    const topic = { topic: 'flights.arrived' }
    assert.equal(await rowsPublishedTo(0).count(topic), 0)
    assert.equal(await rowsPublishedTo(snapshotId).count(topic), 3)
    assert.equal(await rowsPublishedTo(snapshotId + 100).count({ topic: 'unknown' }), 0)
  })

  it('counts the rows of a model, and none before it is built', async () => {
    const rows = rowsPublishedTo(0)
    assert.equal(await rows.count({ model: 'labelled' }), 7)
    assert.equal(await rows.count({ model: 'some_labelled' }), 4)
    assert.equal(await rows.count({ model: 'never_built' }), 0)
  })
})
