import { InferenceSession, Tensor } from 'onnxruntime-node'
import { CovenantError, messageOf } from '../../kernel/index.ts'
import type { LoadedModel, ModelScorer } from '../../serving/ports.ts'

/**
 * Scores binary classifiers in ONNX files with onnxruntime on one thread, so that the same rows give the same scores
 * whatever else the machine does. The model takes one float tensor `[rows, features]`. Of its outputs the first float
 * tensor is taken: with two columns the second one, with one column (or none) that one, is the probability of the
 * positive class. Classifiers of onnxmltools are exported with `zipmap=False`.
 *
 * @example
 * const model = await new OnnxModelScorer().load('model.onnx', 2)
 * await model.score(Float32Array.of(1, Number.NaN), 1) // Float64Array [0.31]
 */
export class OnnxModelScorer implements ModelScorer {
  async load(file: string, featureCount: number): Promise<LoadedModel> {
    const session = await open(file)
    const shape = shapeOf(session, file, featureCount)
    return {
      score: (rows, rowCount) => score(session, shape, { file, rows, rowCount, featureCount }),
      release: () => session.release(),
    }
  }
}

interface Shape {
  readonly input: string
  readonly output: string
}

interface Batch {
  readonly file: string
  readonly rows: Float32Array
  readonly rowCount: number
  readonly featureCount: number
}

async function open(file: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(file, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 3,
    })
  } catch (cause) {
    throw new CovenantError({
      code: 'SERVING_MODEL_UNREADABLE',
      message: `The model file cannot be loaded: ${messageOf(cause)}.`,
      where: file,
      remedy: 'Register the model again; the file must be a whole ONNX model that onnxruntime can run.',
      cause,
    })
  }
}

/** Reads from the model's own description what to feed and what to take. */
function shapeOf(session: InferenceSession, file: string, featureCount: number): Shape {
  const [input, ...others] = session.inputMetadata
  if (!input?.isTensor || input.type !== 'float32' || others.length > 0)
    throw wrongShape(file, `it needs ${describe(session.inputMetadata)}, not one tensor of float32`)
  const columns = input.shape.at(-1)
  if (typeof columns === 'number' && columns > 0 && columns !== featureCount)
    throw wrongShape(file, `it takes ${columns} features and ${featureCount} are given`)
  const output = session.outputMetadata.find((value) => value.isTensor && value.type === 'float32')
  if (!output) throw wrongShape(file, `it gives ${describe(session.outputMetadata)}, and no tensor of float32`)
  return { input: input.name, output: output.name }
}

async function score(session: InferenceSession, { input, output }: Shape, batch: Batch): Promise<Float64Array> {
  const { file, rows, rowCount, featureCount } = batch
  if (rows.length !== rowCount * featureCount)
    throw wrongShape(file, `${rows.length} values were given for ${rowCount} rows of ${featureCount} features`)
  if (rowCount === 0) return new Float64Array(0)
  const result = await run(session, { [input]: new Tensor('float32', rows, [rowCount, featureCount]) }, output, file)
  const values = result.data as Float32Array
  const columns = values.length / rowCount
  if (columns !== 1 && columns !== 2)
    throw wrongShape(file, `its output ${output} has the shape [${result.dims.join(', ')}] for ${rowCount} rows`)
  return Float64Array.from({ length: rowCount }, (_, row) => values[row * columns + columns - 1]!)
}

async function run(session: InferenceSession, feeds: Record<string, Tensor>, output: string, file: string) {
  try {
    return (await session.run(feeds, [output]))[output]!
  } catch (cause) {
    throw wrongShape(file, `onnxruntime refused the rows: ${messageOf(cause)}`)
  }
}

function describe(values: readonly InferenceSession.ValueMetadata[]): string {
  return values
    .map((value) => (value.isTensor ? `${value.name} (${value.type})` : `${value.name} (no tensor)`))
    .join(', ')
}

function wrongShape(file: string, what: string): CovenantError {
  return new CovenantError({
    code: 'SERVING_MODEL_SHAPE',
    message: `The model cannot score: ${what}.`,
    where: file,
    remedy: 'Export a binary classifier with the features of the endpoint; with onnxmltools use zipmap=False.',
  })
}
