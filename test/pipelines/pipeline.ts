import type { FeatureService } from '../../src/features/index.ts'
import type { JsonObject } from '../../src/kernel/index.ts'
import {
  dataGate,
  definePipeline,
  labelShareBetween,
  maxNullShare,
  minRows,
  modelByAlias,
  modelGate,
  noLeakage,
  output,
  type Pipeline,
  publicationsCurrent,
  pythonStep,
  registerStep,
  trainingSetStep,
  typescriptStep,
} from '../../src/pipelines/index.ts'

/** The features of the made-up rows: `x` alone. */
export const service: FeatureService = {
  kind: 'feature-service',
  name: 'made_up',
  views: [
    {
      kind: 'feature-view',
      name: 'things',
      entity: { kind: 'entity', name: 'thing', keys: ['id'], description: null },
      source: { type: 'batch', model: 'things', eventTime: 'q', schedule: '0 0 * * *' },
      features: { x: { aggregate: 'mean', field: 'x', window: '1d' } },
      description: null,
      hash: 'f'.repeat(64),
    },
  ],
  featureNames: ['x'],
  description: null,
  hash: 'e'.repeat(64),
}

/** The pipeline of the orchestrator's tests: every stack, both gates, a registration with promotion. */
export function thresholdPipeline(params: JsonObject = {}, floor = 0.6): Pipeline {
  return definePipeline({
    name: 'threshold',
    params: { rows: 400, shift: 0, ...params },
    steps: [
      trainingSetStep({
        name: 'set',
        service,
        spine: 'steps/spine.sql',
        holdout: 'q >= $as_of - INTERVAL 100 HOUR',
      }),
      dataGate({
        name: 'data_gate',
        inputs: { train: output('set', 'train'), holdout: output('set', 'holdout') },
        checks: [
          minRows(200, { input: 'train' }),
          maxNullShare('x', 0.1),
          labelShareBetween('label', 0.2, 0.6),
          noLeakage({ known: 'known_at', before: 'q' }),
          publicationsCurrent(['things'], { maxAge: '2d' }),
        ],
      }),
      pythonStep({
        name: 'train',
        script: 'steps/train.py',
        inputs: { train: output('set', 'train') },
        outputs: { model: 'json5', summary: 'json' },
        params: ['shift'],
        timeout: '60s',
      }),
      typescriptStep({
        name: 'evaluate',
        module: 'steps/evaluate.ts',
        inputs: {
          model: output('train', 'model'),
          holdout: output('set', 'holdout'),
          champion: modelByAlias('threshold'),
        },
        outputs: { report: 'json', note: 'txt' },
      }),
      modelGate({
        name: 'model_gate',
        report: output('evaluate', 'report'),
        floors: { accuracy: floor },
        champion: { model: 'threshold', metric: 'accuracy', maxRegression: 0.05 },
        slices: { metric: 'accuracy', maxRegression: 0.1, minRows: 10 },
      }),
      registerStep({
        name: 'register',
        model: 'threshold',
        from: output('train', 'model'),
        metricsFrom: output('evaluate', 'report'),
        promote: 'champion',
      }),
    ],
  })
}
