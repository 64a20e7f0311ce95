import { quoteName } from '../kernel/index.ts'
import type { SqlEngine } from '../lake/index.ts'
import type { StepServices } from '../pipelines/index.ts'
import type { ModelScorer } from '../serving/index.ts'

const CHUNK_ROWS = 50_000

/** Scores Parquet files for steps, chunk by chunk, with the scorer that serves. */
export function scoreParquet(engine: SqlEngine, scorer: ModelScorer): StepServices['score'] {
  return async (modelFile, parquetFile, features) => {
    const [counted] = await engine.query('SELECT count(*) AS rows FROM read_parquet($1)', [parquetFile])
    const scores = new Float64Array(Number(counted?.rows ?? 0))
    const columns = features.map((name) => `${quoteName(name)}::DOUBLE AS ${quoteName(name)}`).join(', ')
    const model = await scorer.load(modelFile, features.length)
    try {
      for (let start = 0; start < scores.length; start += CHUNK_ROWS) {
        const rows = await engine.query(
          `SELECT ${columns} FROM read_parquet($1, file_row_number = true)
           WHERE file_row_number >= $2 AND file_row_number < $3 ORDER BY file_row_number`,
          [parquetFile, start, start + CHUNK_ROWS],
        )
        const matrix = new Float32Array(rows.length * features.length)
        rows.forEach((row, index) => {
          features.forEach((name, column) => {
            const value = row[name]
            matrix[index * features.length + column] = value === null ? Number.NaN : Number(value)
          })
        })
        scores.set(await model.score(matrix, rows.length), start)
      }
    } finally {
      await model.release()
    }
    return scores
  }
}
