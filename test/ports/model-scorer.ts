import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { ModelScorer } from '../../src/serving/ports.ts'
import { classifierScore, type OnnxModels, writeOnnxModels } from './onnx-models.ts'

/** What every scorer of ONNX files must do. */
export function modelScorerSuite(name: string, make: () => ModelScorer): void {
  describe(`model scorer: ${name}`, () => {
    let models: OnnxModels
    before(() => {
      models = writeOnnxModels()
    })
    after(() => models.remove())

    it('gives the probability of the positive class of each row, missing values included', async () => {
      const model = await make().load(models.file('classifier'), 2)
      const rows = [
        [0, 0],
        [1, 0],
        [1, 11],
        [Number.NaN, 11],
        [1, Number.NaN],
        [0.5, 10],
      ] as const
      const scores = await model.score(Float32Array.from(rows.flat()), rows.length)
      assert.ok(scores instanceof Float64Array)
      for (const [at, row] of rows.entries()) assertNear(scores[at]!, classifierScore(row))
      await model.release()
    })

    it('scores the same row alike, alone and among others', async () => {
      const model = await make().load(models.file('classifier'), 2)
      const rows = Float32Array.from({ length: 1_000 }, (_, at) => (at * 7919) % 23)
      const together = await model.score(rows, 500)
      for (const at of [0, 1, 250, 499]) {
        const [alone] = await model.score(rows.slice(at * 2, at * 2 + 2), 1)
        assert.equal(alone, together[at])
      }
      await model.release()
    })

    it('gives no scores for no rows', async () => {
      const model = await make().load(models.file('classifier'), 2)
      assert.equal((await model.score(new Float32Array(0), 0)).length, 0)
      await model.release()
    })

    it('takes the one column of a model that gives only the positive probability', async () => {
      const model = await make().load(models.file('one-column'), 2)
      assert.deepEqual([...(await model.score(Float32Array.of(0.25, 0.75, 0, 1), 2))], [0.5, 0.5])
      await model.release()
    })

    it('refuses files that are absent or no model, and names them', async () => {
      for (const file of ['corrupt', 'absent'] as const)
        await assert.rejects(make().load(models.file(file), 2), {
          code: 'SERVING_MODEL_UNREADABLE',
          where: models.file(file),
        })
    })

    it('refuses another number of features, and outputs that are no probability', async () => {
      await assert.rejects(make().load(models.file('classifier'), 3), {
        code: 'SERVING_MODEL_SHAPE',
        message: 'The model cannot score: it takes 2 features and 3 are given.',
      })
      await assert.rejects(make().load(models.file('no-floats'), 2), { code: 'SERVING_MODEL_SHAPE' })
      const wide = await make().load(models.file('three-columns'), 2)
      await assert.rejects(wide.score(Float32Array.of(1, 2), 1), { code: 'SERVING_MODEL_SHAPE' })
      await assert.rejects(wide.score(Float32Array.of(1, 2, 3), 1), { code: 'SERVING_MODEL_SHAPE' })
      await wide.release()
    })
  })
}

function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-6, `expected ${expected}, got ${actual}`)
}
