import { readFileSync, writeFileSync } from 'node:fs'
import manifest from 'covenant/package.json' with { type: 'json' }
import type { EvaluationReport, StepContext, StepReport } from '../../../../src/pipelines/index.ts'
import { accuracySql } from './accuracy.ts'

/** Accuracy of the candidate, and of the champion if there is one, on the same rows; per part of the data too. */
export async function run({ inputs, sql, outputPath }: StepContext): Promise<StepReport> {
  const holdout = inputs.holdout as string
  const models = { candidate: inputs.model as string, champion: inputs.champion as string | null }
  const accuracy = async (file: string, part?: string) => {
    const { threshold } = JSON.parse(readFileSync(file, 'utf8')) as { threshold: number }
    const [row] = await sql.query(accuracySql(holdout, threshold, part))
    return { rows: Number(row!.rows), accuracy: Number(row!.accuracy) }
  }
  const judge = async (part?: string) => {
    const { rows, accuracy: candidate } = await accuracy(models.candidate, part)
    const champion = models.champion === null ? null : { accuracy: (await accuracy(models.champion, part)).accuracy }
    return { rows, metrics: { accuracy: candidate }, champion }
  }
  const report: EvaluationReport = {
    ...(await judge()),
    slices: { 'part=A': await judge('A'), 'part=B': await judge('B') },
  }
  writeFileSync(outputPath('note'), `evaluated with ${manifest.name}\n`)
  return { metrics: report.metrics, outputs: { report } }
}
