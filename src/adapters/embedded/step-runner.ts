import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { CovenantError } from '../../kernel/index.ts'
import type { StepProcess, StepProcessResult, StepRunner } from '../../pipelines/ports.ts'

const STDERR_TAIL_BYTES = 16 * 1024

/**
 * Starts the step's program and watches standard input, whose other end this process holds open and never writes to.
 * It ends when this process ends, however it ends, and then the whole process group is killed: no step goes on alone
 * after a SIGKILL of Covenant, and no program has to know about it. Standard output joins standard error, for the
 * programs that tell their errors there; what the shell itself has to say (`Killed`) is left out.
 */
const WATCHED = `
exec 3<&0 </dev/null
( read -r _ <&3; kill -KILL 0 ) &
watcher=$!
"$@" 1>&2 3<&- &
exec 3<&- 2>/dev/null
wait "$!"
code=$?
kill -KILL "$watcher"
exit "$code"
`

/** A shell reports that its program was killed by signal n as exit code 128 + n. */
const SIGNAL_EXIT_CODES = 128

/** Runs steps as child processes on this machine, each in a process group of its own. Needs a POSIX `sh`. */
export class EmbeddedStepRunner implements StepRunner {
  readonly #children = new Set<ChildProcess>()
  #stopping = false

  async run(step: StepProcess): Promise<StepProcessResult> {
    if (this.#stopping) throw stopping(step)
    const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', step.command, ...step.args], {
      cwd: step.cwd,
      env: { ...step.env },
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    this.#children.add(child)
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      killGroup(child)
    }, step.timeoutMs)
    try {
      const { exitCode, signal, stderrTail } = await ended(child)
      if (this.#stopping) throw stopping(step)
      return { ...asProgram(exitCode, signal), timedOut, stderrTail }
    } finally {
      clearTimeout(timer)
      this.#children.delete(child)
    }
  }

  /** Kills what runs; runs that wait for it reject with `PIPELINE_STOPPING`, as do later ones. */
  stop(): void {
    this.#stopping = true
    for (const child of this.#children) killGroup(child)
  }
}

function ended(child: ChildProcess): Promise<{ exitCode: number | null; signal: string | null; stderrTail: string }> {
  const stderr = child.stderr!
  let tail = Buffer.alloc(0)
  stderr.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-STDERR_TAIL_BYTES)
  })
  // The program may end while we write nothing to it: a broken pipe here is no news.
  child.stdin!.on('error', () => {})
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    // Programs that the step left behind in its group would hold the pipe open.
    child.on('exit', () => killGroup(child))
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal, stderrTail: tail.toString('utf8') }))
  })
}

function asProgram(exitCode: number | null, signal: string | null): { exitCode: number | null; signal: string | null } {
  if (exitCode === null || exitCode <= SIGNAL_EXIT_CODES) return { exitCode, signal }
  const name = Object.entries(constants.signals).find(([, number]) => number === exitCode - SIGNAL_EXIT_CODES)?.[0]
  return name === undefined ? { exitCode, signal } : { exitCode: null, signal: name }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Everybody in the group has ended already.
  }
}

function stopping({ command }: StepProcess): CovenantError {
  return new CovenantError({
    code: 'PIPELINE_STOPPING',
    message: `${command} was stopped because Covenant is shutting down; the run goes on at the next start.`,
    retryable: true,
  })
}
