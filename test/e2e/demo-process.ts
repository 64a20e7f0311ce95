import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DemoResult } from '../../examples/flights/summary.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const PROJECT_DIR = join(ROOT, 'examples', 'flights')

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts a program of the repository on the Node that runs the test. */
export function start(args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--conditions=covenant-source', ...args], { cwd: ROOT })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return { child, ended }
}

/** Arguments that run the flights example. */
export function demo(stateDir: string, ...options: readonly string[]): readonly string[] {
  return [join('examples', 'flights', 'main.ts'), '--state', stateDir, ...options]
}

/** Arguments that run a verb of the command line on the state of the flights example. */
export function verb(stateDir: string, ...args: readonly string[]): readonly string[] {
  return [join('src', 'cli', 'main.ts'), '--project', PROJECT_DIR, '--state', stateDir, ...args]
}

/** The one object that `--json` prints, and nothing else. */
export function resultOf({ stdout }: Ended): DemoResult {
  return JSON.parse(stdout) as DemoResult
}
