/**
 * The main job as a whole: a year of flights through the loop, set-up excluded, in a fresh state folder. Prints JSON
 * lines: wall seconds, peak resident memory of the process and of its largest child beside it, and what the loop gains
 * over the frozen model (mean weekly AUC, March to August). `--to DAY` shortens the span for a quick look.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DemoResult } from '../examples/flights/summary.ts'
import { stopwatchMs } from '../src/kernel/index.ts'

const GOAL_SECONDS = 300
const GOAL_MIB = 2048

const span = process.argv.includes('--to') ? process.argv.slice(process.argv.indexOf('--to')) : []
const stateDir = mkdtempSync(join(tmpdir(), 'covenant-year-'))
try {
  const startedMs = stopwatchMs()
  const result = await run(stateDir)
  const seconds = (stopwatchMs() - startedMs) / 1000
  const figure = (name: string, value: number, unit: string, goal: number | null, met: boolean | null) =>
    process.stdout.write(`${JSON.stringify({ name, value: Math.round(value * 1000) / 1000, unit, goal, met })}\n`)
  const whole = span.length === 0
  figure('flights-year-wall', seconds, 's', GOAL_SECONDS, whole ? seconds < GOAL_SECONDS : null)
  figure('flights-year-rss-peak', result.rssPeakMiB, 'MiB', GOAL_MIB, whole ? result.rssPeakMiB < GOAL_MIB : null)
  const events = Object.values(result.topics).reduce((sum, { raw }) => sum + raw, 0)
  figure('flights-year-events-per-second', events / seconds, 'events/s', null, null)
  const spring = result.weekly.filter(({ week }) => week >= '2013-03-01' && week < '2013-09-01')
  if (spring.length > 0) {
    const mean = (value: (week: DemoResult['weekly'][number]) => number) =>
      spring.reduce((sum, week) => sum + value(week), 0) / spring.length
    const [loop, frozen] = [mean(({ aucLoop }) => aucLoop), mean(({ aucFrozen }) => aucFrozen)]
    process.stdout.write(
      `${JSON.stringify({ name: 'flights-year-auc', value: round(loop), unit: 'AUC', peer: 'frozen', peerValue: round(frozen), gain: round(loop - frozen), goal: 'above the frozen model', met: loop > frozen })}\n`,
    )
  }
} finally {
  rmSync(stateDir, { recursive: true, force: true })
}

function run(state: string): Promise<DemoResult> {
  const main = join(import.meta.dirname, '..', 'examples', 'flights', 'main.ts')
  const child = spawn(process.execPath, ['--conditions=covenant-source', main, '--state', state, '--json', ...span], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(stdout)) : reject(new Error(`The example ended with code ${code}.`)),
    )
  })
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
