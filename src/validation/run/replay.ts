import type { Clock } from '../../kernel/index.ts'
import type { DeadLetterBatch, DeadLetterPlace, RegisteredVersion } from '../ports.ts'
import { changeStates, chunks, type StateChange } from './batches.ts'
import type { DeadLetterSources } from './letters.ts'
import { type LetterFilter, type Selection, selectLetters } from './select-letters.ts'
import type { Outlook } from './would-pass.ts'

export interface ReplayOptions extends DeadLetterSources {
  readonly clock: Clock
  /** The versions of the topic's contract, oldest first; the last one is the current one, registered or proposed. */
  readonly versions: readonly RegisteredVersion[]
}

export interface ReplayRequest extends LetterFilter {
  /** True to look only: nothing is written. */
  readonly dryRun: boolean
  readonly actor: string
  readonly reason?: string
  /** JSONata over the value of those meant, whose result is the new value. */
  readonly patch?: string
  /** Also letters of which a newer record of the key was validated. */
  readonly force?: boolean
  /** Also letters that the current version still refuses. */
  readonly all?: boolean
  readonly limit?: number
}

/** What a replay did, or would do. */
export interface ReplayReport {
  /** Contract topic. */
  readonly topic: string
  /** The contract version that the letters were held against. */
  readonly version: string
  readonly dryRun: boolean
  /** Open letters that were meant, and how many of them the version accepts. */
  readonly open: number
  readonly pass: number
  readonly fingerprints: readonly Outlook[]
  /** Sent to the raw topic; in a dry run: that would be. With `blockKey` also records that waited behind those meant. */
  readonly replayed: number
  /** Left out, because a newer record of their key was validated. */
  readonly superseded: number
  /** Left out, because an earlier record of their key stays a dead letter. */
  readonly waiting: number
  readonly batches: readonly string[]
}

/**
 * Sends dead letters of a topic through validation again: appends them to the raw topic, in the order in which they came
 * first, and then marks them. Killed in between, the next call finishes what was begun; no letter is sent twice.
 *
 * @throws `VALIDATION_PATCH_INVALID`, `VALIDATION_DEAD_LETTERS_BUSY`
 * @example
 * const report = await replayDeadLetters({ ...stores, clock, versions }, { dryRun: true, actor: 'ana' })
 * // { open: 5003, pass: 4812, replayed: 4812, … }
 */
export async function replayDeadLetters(options: ReplayOptions, request: ReplayRequest): Promise<ReplayReport> {
  if (request.dryRun) return reportOf(options, request, await select(options, request), [])
  let selection: Selection | undefined
  const { topic } = currentOf(options).plan
  const batches = await changeStates(options, topic, async () => {
    selection = await select(options, request)
    return changesOf(options, request, selection)
  })
  return reportOf(options, request, selection!, batches)
}

/** Splits letters into changes of at most a batch. */
function changesOf(options: ReplayOptions, request: ReplayRequest, selection: Selection): readonly StateChange[] {
  const { topic, contractVersion } = currentOf(options).plan
  const { actor, patch = null } = request
  const old = selection.superseded.map(({ by: _, ...place }) => place)
  const reason = request.reason ?? `replayed with contract version ${contractVersion}`
  return [
    ...chunks(old).map((letters) => ({
      ...{ topic, state: 'superseded' as const, letters, actor, patch: null },
      reason: 'a newer record of the key was validated',
    })),
    ...patchedRuns(selection.send, patch).flatMap(({ letters: run, patch }) =>
      chunks(run).map((letters) => ({ topic, state: 'replayed' as const, letters, actor, reason, patch })),
    ),
  ]
}

/** The letters in their order, cut where those begin or end that take the patch: a batch has one patch, or none. */
function patchedRuns(
  send: Selection['send'],
  patch: string | null,
): readonly { readonly patch: string | null; readonly letters: readonly DeadLetterPlace[] }[] {
  const runs: { readonly patch: string | null; readonly letters: DeadLetterPlace[] }[] = []
  for (const { meant, ...place } of send) {
    const own = meant ? patch : null
    const last = runs.at(-1)
    if (last?.patch === own) last.letters.push(place)
    else runs.push({ patch: own, letters: [place] })
  }
  return runs
}

function currentOf({ versions }: ReplayOptions): RegisteredVersion {
  return versions.at(-1)!
}

function select(options: ReplayOptions, request: ReplayRequest): Promise<Selection> {
  const { log, deadLetters, versions } = options
  const { plan, contract } = currentOf(options)
  return selectLetters(
    { log, deadLetters },
    { ...request, topic: plan.topic, versions, blockKey: contract.deadLetters.blockKey },
  )
}

function reportOf(
  options: ReplayOptions,
  { dryRun }: ReplayRequest,
  { open, pass, fingerprints, send, superseded, waiting }: Selection,
  batches: readonly DeadLetterBatch[],
): ReplayReport {
  const { topic, contractVersion: version } = currentOf(options).plan
  const sent = batches.filter(({ state }) => state === 'replayed')
  const replayed = dryRun ? send.length : sent.reduce((sum, { letters }) => sum + letters.length, 0)
  return {
    ...{ topic, version, dryRun, open, pass, fingerprints, replayed, superseded: superseded.length, waiting },
    batches: batches.map(({ id }) => id),
  }
}
