import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { StepProcess, StepRunner } from '../../src/pipelines/ports.ts'

export interface StoppableRunner extends StepRunner {
  stop(): void
}

/**
 * What every runner of child processes must do. `make` gives a new one; `script` is a module that makes one and runs
 * the process which it gets as JSON in its first argument, in a process of its own that the suite kills.
 */
export function stepRunnerSuite(name: string, make: () => StoppableRunner, script: string): void {
  describe(`step runner: ${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'covenant-runner-'))
    after(() => rmSync(folder, { recursive: true, force: true }))
    const node = (code: string, more: Partial<StepProcess> = {}): StepProcess => ({
      command: process.execPath,
      args: ['-e', code],
      cwd: folder,
      env: { PATH: process.env.PATH ?? '' },
      timeoutMs: 60_000,
      ...more,
    })

    it('reports the exit code and what the program said, on either stream', async () => {
      const ended = await make().run(node(`console.log('out'); console.error('err'); process.exitCode = 3`))
      assert.equal(ended.exitCode, 3)
      assert.equal(ended.signal, null)
      assert.equal(ended.timedOut, false)
      assert.match(ended.stderrTail, /out/)
      assert.match(ended.stderrTail, /err/)
    })

    it('passes arguments as they are and only the environment it is given', async () => {
      const odd = `a b "c" 'd' $HOME *`
      const write = `require('fs').writeFileSync('seen.json', JSON.stringify({ argv: process.argv.slice(1), env: process.env }))`
      const ended = await make().run({
        ...node(write),
        args: ['-e', write, odd],
        env: { PATH: '/usr/bin:/bin', A: 'ä' },
      })
      assert.equal(ended.exitCode, 0, ended.stderrTail)
      const seen = JSON.parse(readFileSync(join(folder, 'seen.json'), 'utf8'))
      assert.deepEqual(seen.argv, [odd])
      assert.equal(seen.env.A, 'ä')
      assert.equal(seen.env.HOME, undefined)
    })

    it('keeps the last 16 KiB of a long complaint', async () => {
      const { stderrTail } = await make().run(node(`process.stderr.write('x'.repeat(100_000) + 'the end')`))
      assert.equal(stderrTail.length, 16 * 1024)
      assert.ok(stderrTail.endsWith('the end'))
    })

    it('reports the signal that killed the program', async () => {
      const ended = await make().run(node(`process.kill(process.pid, 'SIGKILL')`))
      assert.equal(ended.exitCode, null)
      assert.equal(ended.signal, 'SIGKILL')
    })

    it('reports a program that is not there as a failure', async () => {
      const ended = await make().run(node('', { command: 'no-such-program-anywhere' }))
      assert.equal(ended.exitCode, 127)
      assert.match(ended.stderrTail, /no-such-program-anywhere/)
    })

    it('kills the program and its children at the time limit', async () => {
      const marker = join(folder, 'grandchild-of-slow')
      const ended = await make().run(node(lingeringParent(marker), { timeoutMs: 2_500 }))
      assert.equal(ended.timedOut, true)
      await gone(Number(readFileSync(marker, 'utf8')))
    })

    it('leaves no child of a finished program behind', async () => {
      const marker = join(folder, 'grandchild-of-quick')
      const ended = await make().run(node(`${lingeringParent(marker)}; setTimeout(() => process.exit(0), 50)`))
      assert.equal(ended.exitCode, 0)
      await gone(Number(readFileSync(marker, 'utf8')))
    })

    it('rejects what runs, and what is asked for later, when it is told to stop', async () => {
      const runner = make()
      const marker = join(folder, 'stopped')
      const written = appears(folder, marker)
      const running = runner.run(node(lingeringParent(marker)))
      await written
      runner.stop()
      await assert.rejects(running, { code: 'PIPELINE_STOPPING', retryable: true })
      await assert.rejects(runner.run(node('')), { code: 'PIPELINE_STOPPING' })
    })

    it('does not let a program outlive the process that started it, even when that is killed', async () => {
      const marker = join(folder, 'orphan')
      const written = appears(folder, marker)
      const parent = spawn(
        process.execPath,
        ['--conditions=covenant-source', script, JSON.stringify(node(lingeringParent(marker)))],
        { stdio: 'ignore' },
      )
      await written
      parent.kill('SIGKILL')
      await gone(Number(readFileSync(marker, 'utf8')))
    })
  })
}

/** A program that starts a child which would live for ever, and stays itself; writes the child's id to `marker`. */
function lingeringParent(marker: string): string {
  return `
    const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    require('fs').writeFileSync(${JSON.stringify(`${marker}.draft`)}, String(child.pid))
    require('fs').renameSync(${JSON.stringify(`${marker}.draft`)}, ${JSON.stringify(marker)})
    setInterval(() => {}, 1000)`
}

function appears(folder: string, file: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, () => {
      if (!existsSync(file)) return
      watcher.close()
      resolve()
    })
  })
}

/** Resolves when no process has this id any more; the test's time limit ends a wait in vain. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    if (isZombie(pid)) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A killed process whose parent died first waits for the system to collect it. */
function isZombie(pid: number): boolean {
  const status = `/proc/${pid}/stat`
  try {
    return existsSync(status) && /\) Z /.test(readFileSync(status, 'utf8'))
  } catch {
    return true
  }
}
