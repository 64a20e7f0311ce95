import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openTestbed } from '../../../test/pipelines/testbed.ts'

const script = fileURLToPath(new URL('../../../test/pipelines/resume-process.ts', import.meta.url))
const KILLS = 12
const seed = Number(process.env.COVENANT_SEED ?? Date.now() % 1_000_000)

it('killed at random moments and started again, runs leave what undisturbed runs leave', async (context) => {
  context.diagnostic(`COVENANT_SEED=${seed}`)
  const root = mkdtempSync(join(tmpdir(), 'covenant-resume-'))
  after(() => rmSync(root, { recursive: true, force: true }))
  const undisturbed = join(root, 'undisturbed')
  const { elapsedMs } = await execute(undisturbed, Number.POSITIVE_INFINITY)
  const expected = await contentOf(undisturbed)
  assert.equal(expected.runs.map(({ outcome }) => outcome).join(), 'succeeded,succeeded,rejected')

  const random = randomNumbers(seed)
  let kills = 0
  for (let state = 0; kills < KILLS; state++) {
    const disturbed = join(root, `disturbed-${state}`)
    for (let finished = false; !finished; ) {
      finished = (await execute(disturbed, kills < KILLS ? random() * elapsedMs : Number.POSITIVE_INFINITY)).finished
      if (!finished) kills++
    }
    assert.deepEqual(await contentOf(disturbed), expected, `state ${state}, COVENANT_SEED=${seed}`)
  }
})

/** Runs the script on a state folder and kills it `killAfterMs` after it is ready, if it has not finished by then. */
async function execute(folder: string, killAfterMs: number): Promise<{ finished: boolean; elapsedMs: number }> {
  const child = spawn(process.execPath, ['--conditions=covenant-source', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve))
  let finished = false
  let readyAt = 0
  let elapsedMs = 0
  let timer: NodeJS.Timeout | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') {
      readyAt = performance.now()
      if (Number.isFinite(killAfterMs)) timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    } else if (line === 'done') {
      finished = true
      elapsedMs = performance.now() - readyAt
      clearTimeout(timer)
    }
  }
  const code = await exited
  if (finished) assert.equal(code, 0)
  return { finished, elapsedMs }
}

/** All that the stores hold, but how long steps took. */
async function contentOf(folder: string) {
  const testbed = await openTestbed(folder)
  const runs = await testbed.runs.runs()
  const steps = []
  for (const run of runs)
    steps.push({
      run: run.id,
      steps: (await testbed.runs.steps(run.id)).map((step) => ({ ...step, durationMs: 0 })),
      metrics: await testbed.runs.metrics(run.id),
      lineage: await testbed.lineage.walk({ kind: 'run', id: run.id }, 'upstream'),
      made: await testbed.lineage.walk({ kind: 'run', id: run.id }, 'downstream'),
    })
  const content = {
    runs,
    steps,
    models: await testbed.models.versions(),
    aliases: await testbed.models.aliasHistory(),
    versions: await testbed.pipelines.versions(),
    artifacts: readdirSync(join(folder, 'artifacts'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /^[0-9a-f]{2}.[0-9a-f]{64}/.test(name))
      .sort(),
    work: readdirSync(join(folder, 'pipelines', 'work')),
  }
  await testbed.close()
  return content
}

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
function randomNumbers(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
