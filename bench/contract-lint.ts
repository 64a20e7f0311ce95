/**
 * `covenant contract lint` of a project with 100 contracts of 30 fields each, process start included: through
 * bin/covenant.mjs, as people type it. Beside it datacontract-cli, which lints one file a process: here all of them in
 * one, by its library.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stopwatchMs } from '../src/kernel/clock.ts'
import { generatedContract } from './events/contracts.ts'
import { median } from './events/flight-events.ts'
import { peerProgram } from './peers/install.ts'

const CONTRACTS = 100
const ROUNDS = 9
const GOAL_SECONDS = 1
const covenant = fileURLToPath(new URL('../bin/covenant.mjs', import.meta.url))

const project = mkdtempSync(join(tmpdir(), 'covenant-bench-'))
try {
  mkdirSync(join(project, 'contracts'))
  writeFileSync(join(project, 'covenant.config.ts'), "export const project = { kind: 'project', name: 'bench' }\n")
  for (let index = 0; index < CONTRACTS; index++)
    writeFileSync(join(project, 'contracts', `table-${index}.odcs.yaml`), generatedContract(index))
  const value = median(Array.from({ length: ROUNDS }, lintSeconds))
  const peerValue = peerSeconds()
  const line = {
    name: `covenant contract lint, ${CONTRACTS} contracts of 30 fields, cold process`,
    ...{ value: rounded(value), unit: 's', goal: GOAL_SECONDS, met: value < GOAL_SECONDS },
    ...{ peer: 'datacontract-cli', peerValue: rounded(peerValue), ratio: rounded(peerValue / value) },
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
} finally {
  rmSync(project, { recursive: true })
}

function peerSeconds(): number {
  const python = peerProgram('datacontract', 'python')
  const script = fileURLToPath(new URL('./peers/datacontract_lint.py', import.meta.url))
  const startedAt = stopwatchMs()
  const { stdout, stderr } = spawnSync(python, [script, join(project, 'contracts')], { encoding: 'utf8' })
  if (stdout.trim() !== `${CONTRACTS} passed`) throw new Error(`datacontract-cli said ${stdout} ${stderr}`)
  return (stopwatchMs() - startedAt) / 1_000
}

function rounded(value: number): number {
  return Number(value.toFixed(3))
}

function lintSeconds(): number {
  const startedAt = stopwatchMs()
  const args = [covenant, 'contract', 'lint', '--project', project, '--json']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const seconds = (stopwatchMs() - startedAt) / 1_000
  const report = status === 0 ? (JSON.parse(stdout) as { contracts: number }) : null
  if (report?.contracts !== CONTRACTS)
    throw new Error(`covenant contract lint ended with code ${status}: ${stderr}${stdout}`)
  return seconds
}
