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
  publicationsCurrent,
  pythonStep,
  registerStep,
  trainingSetStep,
  typescriptStep,
} from 'covenant'
import { delayFeatures } from '../features/delay.ts'

const train = output('training_set', 'train')
const holdout = output('training_set', 'holdout')
const features = output('training_set', 'features')

export const delayPipeline = definePipeline({
  name: 'delay',
  description:
    'Will the flight arrive more than fifteen minutes late? Trained on all labelled flights but the last week.',
  params: { rounds: 80, control_rows: 26_400 },
  steps: [
    // Before anything is put together: is what it would be made of published, and not held by a breach?
    dataGate({
      name: 'sources_gate',
      checks: [publicationsCurrent(['flights.scheduled', 'flights.arrived', 'weather.observed', 'planes'])],
    }),
    trainingSetStep({
      name: 'training_set',
      service: delayFeatures,
      spine: 'steps/spine.sql',
      holdout: 'q >= $as_of - INTERVAL 8 DAY',
    }),
    dataGate({
      name: 'data_gate',
      inputs: { train, holdout },
      checks: [
        minRows(15_000, { input: 'train' }),
        minRows(2_000, { input: 'holdout' }),
        labelShareBetween('label', 0.05, 0.6),
        maxNullShare('origin_now__arr_delay_6h', 0.1),
        maxNullShare('weather_now__temp', 0.2),
        noLeakage({ known: 'q', before: 'label_known_at' }),
      ],
    }),
    pythonStep({
      name: 'train',
      script: 'steps/train.py',
      inputs: { train, features },
      outputs: { model: 'onnx' },
      params: ['rounds'],
      timeout: '10m',
    }),
    typescriptStep({
      name: 'evaluate',
      module: 'steps/evaluate.ts',
      inputs: { holdout, features, candidate: output('train', 'model'), champion: modelByAlias('delay', 'champion') },
      outputs: { report: 'json' },
    }),
    modelGate({
      name: 'model_gate',
      report: output('evaluate', 'report'),
      floors: { auc: 0.6 },
      champion: { model: 'delay', metric: 'auc', maxRegression: 0.002 },
      slices: { metric: 'auc', maxRegression: 0.02, minRows: 500 },
    }),
    registerStep({
      name: 'register',
      model: 'delay',
      from: output('train', 'model'),
      promote: 'champion',
      metricsFrom: output('evaluate', 'report'),
    }),
    // The control of the experiment: the same training, at the same moments, on the newest rows only, as many as the
    // first model had. What it gains over the frozen model comes from fresher data; the rest comes from more data.
    pythonStep({
      name: 'train_control',
      script: 'steps/train_control.py',
      inputs: { train, features },
      outputs: { model: 'onnx' },
      params: ['rounds', 'control_rows'],
      timeout: '10m',
    }),
    registerStep({
      name: 'register_control',
      model: 'delay-control',
      from: output('train_control', 'model'),
      promote: 'champion',
    }),
  ],
})
