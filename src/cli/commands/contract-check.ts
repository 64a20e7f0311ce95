import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SingleBar } from 'cli-progress'
import { CovenantError, parseDuration, systemClock } from '../../kernel/index.ts'
import { type Check, checkContracts } from '../../runtime/check/run.ts'
import type { Stores } from '../../runtime/stores.ts'
import { timeMachine } from '../../runtime/time-machine/run.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { writeNamedFile } from '../files.ts'
import { codeownersReport } from '../reports/codeowners.ts'
import { markdownReport } from '../reports/markdown.ts'
import { type FullReport, fullReport } from '../reports/report.ts'
import { sarifReport } from '../reports/sarif.ts'
import { checkText } from '../reports/text.ts'
import { refuseNoState, withStores } from '../state.ts'

export const FORMATS = ['text', 'json', 'markdown', 'sarif', 'codeowners'] as const

export interface CheckVerbOptions {
  readonly base?: string
  readonly against?: 'registry'
  readonly format?: (typeof FORMATS)[number]
  readonly output?: string
  readonly timeMachine?: boolean
  readonly since?: string
  readonly limit?: number
}

/** Checks the contracts of a pull request; exit code 1 where it must not be merged. */
export async function contractCheck(context: CommandContext, options: CheckVerbOptions): Promise<void> {
  if (options.timeMachine !== true && (options.since !== undefined || options.limit !== undefined))
    throw new CovenantError({
      code: 'CLI_OPTION_INVALID',
      message: '--since and --limit say over which records the time machine runs.',
      remedy: 'Add --time-machine, or leave them out.',
    })
  if (options.against === 'registry' || options.timeMachine === true) refuseNoState(context.stateDir)
  const report = await withStoresIfThere(context, async (stores) => {
    const check = await checkContracts({
      projectDir: context.projectDir,
      ...(options.base === undefined ? {} : { base: options.base }),
      clock: systemClock,
      stores,
      againstRegistry: options.against === 'registry',
    })
    if (options.timeMachine !== true || stores === null) return fullReport(check)
    return fullReport(check, await travel(check, stores, context.stateDir, options))
  })
  if (!report.mergeable) process.exitCode = EXIT.failed
  const format = options.format ?? (context.json ? 'json' : 'text')
  write(render(report, format, options.output === undefined && process.stdout.isTTY), options.output)
}

/** Runs the proposed versions over what is retained, with a bar on a terminal. */
async function travel(
  { reviewed, project }: Check,
  stores: Stores,
  stateDir: string,
  { since, limit }: CheckVerbOptions,
) {
  const bar = new SingleBar({
    format: '{topic} [{bar}] {value} of {total} records',
    stream: process.stderr,
    noTTYOutput: false,
    clearOnComplete: true,
    hideCursor: true,
  })
  const onProgress = (topic: string, done: number, total: number) => {
    if (!bar.isActive) bar.start(total, done, { topic })
    bar.setTotal(total)
    bar.update(done, { topic })
  }
  try {
    return await timeMachine(reviewed, {
      stores,
      stateDir,
      project,
      clock: systemClock,
      ...(since === undefined ? {} : { since: momentOf(since) }),
      ...(limit === undefined ? {} : { limit }),
      ...(process.stderr.isTTY ? { onProgress } : {}),
    })
  } finally {
    bar.stop()
  }
}

/** Reads a date, a moment, or an age such as `30d`. */
function momentOf(text: string): number {
  const age = parseDuration(text)
  const moment = age === undefined ? Date.parse(/^\d{4}-\d{2}-\d{2}/.test(text) ? text : '') : systemClock.now() - age
  if (Number.isFinite(moment)) return moment
  throw new CovenantError({
    code: 'CLI_OPTION_INVALID',
    message: `--since takes a date or an age, not ${text}.`,
    remedy: 'Write 2026-01-31, 2026-01-31T06:00:00Z or 30d.',
  })
}

/** What lineage has recorded is added where there is a state folder; a pull request's machine has none. */
export function withStoresIfThere<T>(context: CommandContext, body: (stores: Stores | null) => Promise<T>): Promise<T> {
  return existsSync(join(context.stateDir, 'metadata.db')) ? withStores(context, body) : body(null)
}

function render(report: FullReport, format: (typeof FORMATS)[number], colour: boolean): string {
  switch (format) {
    case 'json':
      return JSON.stringify(report, null, 2)
    case 'markdown':
      return markdownReport(report)
    case 'sarif':
      return JSON.stringify(sarifReport(report), null, 2)
    case 'codeowners':
      return codeownersReport(report)
    case 'text':
      return checkText(report, colour)
  }
}

function write(text: string, file: string | undefined): void {
  const whole = text.endsWith('\n') ? text : `${text}\n`
  if (file === undefined) {
    process.stdout.write(whole)
    return
  }
  writeNamedFile(resolve(file), whole)
}
