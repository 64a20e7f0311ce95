import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { READINGS, tinyProject } from '../../../test/tiny-project.ts'
import { VirtualClock } from '../../kernel/index.ts'
import { contractNode, edge, endpointNode, modelNode, runNode, snapshotNode, topicNode } from '../../metadata/index.ts'
import { loadProject, type Project } from '../project.ts'
import { openStores } from '../stores.ts'
import { impactOf } from './run.ts'
import { downstreamOf } from './static.ts'

const FEATURES = `import { batch, count, defineEntity, defineEndpoint, defineFeatureService, defineFeatureView, defineMonitor,
  definePipeline, defineTrigger, data, field, defineOnDemandView, last, mean, metric, output, pythonStep, registerStep, stream, trainingSetStep } from 'covenant'
const station = defineEntity({ name: 'station', keys: ['station'] })
export const now = defineFeatureView({ name: 'now', entity: station, source: stream('station.readings'), features: { celsius: last('celsius', '1h'), readings: count('1h') } })
export const past = defineFeatureView({ name: 'past', entity: station, source: batch('by_hour', { eventTime: 'hour', schedule: '0 3 * * *' }), features: { warm: mean('mean_celsius', '7d'), rows: mean('readings', '7d') } })
export const service = defineFeatureService({ name: 'frost', views: [now, past] })
export const pipeline = definePipeline({ name: 'frost', steps: [
  trainingSetStep({ name: 'set', service, spine: 'SELECT station, hour AS q FROM warehouse.main.by_hour' }),
  pythonStep({ name: 'train', script: 'steps/train.py', inputs: { train: output('set', 'train') }, outputs: { model: 'onnx' } }),
  registerStep({ name: 'register', model: 'frost', from: output('train', 'model'), promote: 'champion' }),
] })
export const endpoint = defineEndpoint({ name: 'frost', model: 'frost', service, source: { topic: 'station.readings', keyField: 'station' }, predictions: 'frost.predictions' })
export const monitor = defineMonitor({ name: 'frost', endpoint, schedule: '0 6 * * 1' })
export const trigger = defineTrigger({ pipeline, on: [metric({ monitor, metric: 'auc', below: 0.6 }), data({ model: 'other', rows: 100 })] })
`

describe('impact', () => {
  let project: Project
  before(async () => {
    const folder = tinyProject({
      'contracts/frost.odcs.yaml': READINGS.replaceAll('station.readings', 'frost.predictions').replace(
        'username: ada',
        'username: grace',
      ),
      'contracts/sites.odcs.yaml': READINGS.replaceAll('station.readings', 'sites')
        .replace(
          'logicalType: object',
          'logicalType: object\n    relationships:\n      - type: foreignKey\n        from: sites.station\n        to: station.readings.station',
        )
        .replace('name: readings', 'name: sites'),
      'models/by_hour.sql':
        "SELECT station, date_trunc('hour', at) AS hour, avg(celsius) AS mean_celsius, count(*) AS readings FROM source('station.readings') GROUP BY station, hour",
      'models/other.sql': "SELECT station FROM source('station.readings')",
      'features/all.ts': FEATURES,
      'steps/train.py': '',
    })
    project = await loadProject(folder)
  })
  after(() => rmSync(project.directory, { recursive: true }))

  const named = (fields: readonly string[] | null, touched = true) =>
    downstreamOf(project, 'station.readings', fields, 0)
      .nodes.filter((node) => node.touched === touched)
      .map(
        ({ kind, name, fields: reached }) =>
          `${kind} ${name}${reached && kind !== 'topic' && kind !== 'lake-table' ? ` ${reached.join(',')}` : ''}`,
      )

  it('of a contract is everything behind it, also what its predictions lead to', () => {
    const all = named(null)
    for (const expected of [
      'topic station.readings.raw',
      'topic station.readings.validated',
      'topic station.readings.dlq',
      'lake-table station_readings',
      'warehouse-model by_hour',
      'warehouse-model other',
      'feature-view now',
      'feature-view past',
      'feature-service frost',
      'pipeline frost',
      'model frost',
      'endpoint frost',
      'contract frost.predictions',
      'contract sites',
      'monitor frost',
      'trigger frost',
      'lake-table frost_predictions',
    ])
      assert.ok(all.includes(expected), `${expected} in ${all.join('; ')}`)
    assert.deepEqual(named(null, false), [])
  })

  it('of a field follows columns by name, and lists readers that do not use it', () => {
    const touched = named(['celsius'])
    assert.ok(touched.includes('warehouse-model by_hour mean_celsius'))
    assert.ok(touched.includes('feature-view past warm'))
    assert.ok(touched.includes('feature-view now celsius'))
    assert.ok(touched.includes('feature-service frost now__celsius,past__warm'))
    assert.deepEqual(named(['celsius'], false), ['warehouse-model other '])
    assert.ok(!touched.includes('warehouse-model other'))
  })

  it('of more fields is never less than of one of them, and never more than of all', () => {
    const names = ['station', 'at', 'celsius', 'unheard']
    const key = (node: { kind: string; name: string }) => `${node.kind} ${node.name}`
    const touched = (fields: readonly string[] | null) =>
      new Set(
        downstreamOf(project, 'station.readings', fields, 0)
          .nodes.filter((node) => node.touched)
          .map(key),
      )
    const all = touched(null)
    fc.assert(
      fc.property(fc.subarray(names), fc.subarray(names), (some, more) => {
        const union = touched([...new Set([...some, ...more])])
        for (const one of [touched(some), touched(more)]) assert.ok([...one].every((each) => union.has(each)))
        assert.ok([...union].every((each) => all.has(each)))
      }),
    )
  })

  it('tells what lineage has recorded, with the aliases of the model versions', async () => {
    const stores = await openStores({ stateDir: join(project.directory, '.covenant') })
    try {
      const contract = contractNode('station.readings', '1.0.0')
      const snapshot = snapshotNode('station_readings', 1)
      await stores.models.register({
        model: 'frost',
        runId: 'run-1',
        artifact: 'a',
        path: 'a',
        createdAt: 1,
        metrics: {},
        signature: {},
      })
      await stores.models.setAlias({ model: 'frost', alias: 'champion', version: 1, at: 1, runId: 'run-1' })
      await stores.lineage.add([
        edge(contract, topicNode('station.readings.validated'), 1),
        edge(contract, snapshot, 1),
        edge(snapshot, runNode('run-1'), 1),
        edge(runNode('run-1'), modelNode('frost', 1), 1),
        edge(modelNode('frost', 1), endpointNode('frost'), 1),
      ])
      const { recorded, owners } = await impactOf({
        project,
        topic: 'station.readings',
        fields: null,
        stores,
        clock: new VirtualClock(0),
      })
      assert.deepEqual(recorded, {
        contractVersions: ['1.0.0'],
        models: [{ model: 'frost', version: 1, runId: 'run-1', aliases: ['champion'] }],
        endpoints: ['frost'],
        runs: 1,
        datasets: 0,
        snapshots: 1,
      })
      assert.deepEqual(owners.map(({ username, contract: owned }) => [username, owned]).sort(), [
        ['ada', 'sites'],
        ['grace', 'frost.predictions'],
      ])
    } finally {
      await stores.close()
    }
  })
})
