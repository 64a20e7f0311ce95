import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { modelScorerSuite } from '../../../test/ports/model-scorer.ts'
import { askPython } from '../../../test/ports/python-oracle.ts'
import { OnnxModelScorer } from './model-scorer.ts'

modelScorerSuite('onnxruntime', () => new OnnxModelScorer())

const TRAIN = `
import lightgbm, onnxmltools
from onnxmltools.convert.common.data_types import FloatTensorType
random = np.random.default_rng(7)
x = random.normal(size=(2000, 4)).astype(np.float32)
x[random.random(x.shape) < 0.2] = np.nan
y = (np.nan_to_num(x[:, 0]) + np.isnan(x[:, 1]) + random.normal(size=2000) > 0.5).astype(int)
model = lightgbm.LGBMClassifier(n_estimators=40, num_threads=1, seed=1, verbose=-1).fit(x, y)
types = [('x', FloatTensorType([None, 4]))]
onnx = onnxmltools.convert_lightgbm(model, initial_types=types, zipmap=False, target_opset=15)
onnxmltools.utils.save_model(onnx, data['file'])
rows = [[None if np.isnan(v) else float(v) for v in row] for row in x[:300]]
print(json.dumps({'rows': rows, 'scores': model.predict_proba(x[:300])[:, 1].tolist()}))
`

it('scores an exported LightGBM classifier as LightGBM does, missing values included', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-lightgbm-'))
  try {
    const file = join(folder, 'model.onnx')
    const { rows, scores } = askPython(TRAIN, { file }) as { rows: (number | null)[][]; scores: number[] }
    const model = await new OnnxModelScorer().load(file, 4)
    const matrix = Float32Array.from(rows.flat(), (value) => value ?? Number.NaN)
    const actual = await model.score(matrix, rows.length)
    for (const [row, score] of scores.entries())
      assert.ok(Math.abs(actual[row]! - score) < 1e-5, `row ${row}: ${actual[row]}, LightGBM ${score}`)
    await model.release()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
