/** How long `covenant --help` takes, process start included: through bin/covenant.mjs, and the CLI itself. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { stopwatchMs } from '../src/kernel/clock.ts'
import { median } from './events/flight-events.ts'

const ROUNDS = 15
const GOAL_SECONDS = 0.3
const root = new URL('..', import.meta.url)
const file = (path: string) => fileURLToPath(new URL(path, root))

print('covenant --help', [file('bin/covenant.mjs')])
print('covenant --help, without bin/covenant.mjs', ['--conditions=covenant-source', file('src/cli/main.ts')])

function print(name: string, args: readonly string[]): void {
  const times = Array.from({ length: ROUNDS }, () => seconds([...args, '--help']))
  const value = Number(median(times).toFixed(3))
  process.stdout.write(`${JSON.stringify({ name, value, unit: 's', goal: GOAL_SECONDS, met: value < GOAL_SECONDS })}\n`)
}

function seconds(args: readonly string[]): number {
  const startedAt = stopwatchMs()
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`covenant --help ended with code ${status}: ${stderr}`)
  return (stopwatchMs() - startedAt) / 1_000
}
