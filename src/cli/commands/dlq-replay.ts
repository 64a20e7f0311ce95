import { readFileSync } from 'node:fs'
import { CovenantError, messageOf, systemClock } from '../../kernel/index.ts'
import { registryOf, replayTopics } from '../../runtime/index.ts'
import type { ReplayReport, ReplayRequest } from '../../validation/index.ts'
import { actor } from '../actor.ts'
import type { CommandContext } from '../context.ts'
import { columns, print } from '../print.ts'
import { withStores } from '../state.ts'
import type { ReplayOptions } from './dlq-options.ts'
import { pick } from './pick.ts'

/** Holds dead letters against the current contract; with `--execute` sends those that pass through validation again. */
export async function dlqReplay(
  context: CommandContext,
  topics: readonly string[],
  options: ReplayOptions,
): Promise<void> {
  const request = requestOf(options)
  const reports = await withStores(context, async (stores) => {
    const registry = registryOf(stores, systemClock)
    const known = (await registry.all()).map(({ contract }) => contract.topic)
    const chosen = pick('topic', known, (topic) => topic, topics)
    return replayTopics({ stores, registry, clock: systemClock }, chosen, request)
  })
  print(context, reports, (list) => describeReplay(list))
}

const REPLAY = (topic: string) => `covenant dlq replay ${topic} --execute`

/** Reports of a replay as text: one line a fingerprint, and what became of them. */
export function describeReplay(reports: readonly ReplayReport[], command = REPLAY): string {
  const some = reports.filter(({ open }) => open > 0)
  if (some.length === 0) return 'No open dead letter is meant: covenant dlq list shows which are open.'
  return some.map((report) => `${tableOf(report)}\n\n${outcomeOf(report, command)}`).join('\n\n')
}

function requestOf(options: ReplayOptions): ReplayRequest {
  const { fingerprint, source, dryRun, execute, yes, force, all, limit, reason } = options
  const send = execute === true || yes === true
  if (send && dryRun === true) throw invalid('--dry-run and --execute exclude each other.', 'Give one of them.')
  const patch = patchOf(options)
  return {
    dryRun: !send,
    actor: actor(),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(source === undefined ? {} : { sources: source }),
    ...(patch === undefined ? {} : { patch }),
    ...(reason === undefined ? {} : { reason }),
    ...(limit === undefined ? {} : { limit }),
    force: force ?? false,
    all: all ?? false,
  }
}

function patchOf({ patch, patchFile }: ReplayOptions): string | undefined {
  if (patchFile === undefined) return patch
  if (patch !== undefined) throw invalid('--patch and --patch-file exclude each other.', 'Give one of them.')
  try {
    return readFileSync(patchFile, 'utf8').trim()
  } catch (cause) {
    throw new CovenantError({
      code: 'CLI_FILE_UNREADABLE',
      message: `The patch cannot be read: ${messageOf(cause)}.`,
      where: patchFile,
      remedy: 'Name a file with a JSONata expression.',
      cause,
    })
  }
}

function invalid(message: string, remedy: string): CovenantError {
  return new CovenantError({ code: 'CLI_OPTION_INVALID', message, remedy })
}

function tableOf({ topic, fingerprints }: ReplayReport): string {
  return columns(
    ['topic', 'fingerprint', 'open', 'pass', 'reason', 'example', 'still refused'],
    fingerprints.map(({ fingerprint, open, pass, reason, examples }) => [
      topic,
      fingerprint,
      open,
      pass,
      reason,
      examples[0]?.source ?? null,
      examples.find(({ passes }) => !passes)?.reason ?? null,
    ]),
    '',
  )
}

function outcomeOf(report: ReplayReport, command: (topic: string) => string): string {
  const { topic, version, dryRun, open, pass, replayed, superseded, waiting } = report
  const count = (number: number) => number.toLocaleString('en-US')
  const behind = replayed > open ? ', those that waited behind them included,' : ''
  return [
    `${count(pass)} of ${count(open)} open dead letters of ${topic} pass under version ${version}.`,
    dryRun
      ? `${count(replayed)}${behind} would be replayed; nothing was written: ${command(topic)} replays them.`
      : `${count(replayed)}${behind} were appended to ${topic}.raw and marked as replayed.`,
    ...(superseded > 0 ? [`${count(superseded)} left out: a newer record of the key was validated (--force).`] : []),
    ...(waiting > 0 ? [`${count(waiting)} wait for an earlier record of their key that still does not pass.`] : []),
  ].join('\n')
}
