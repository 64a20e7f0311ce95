import type { Clock } from '../../kernel/index.ts'
import { HEADERS } from '../../topic/index.ts'
import type { DeadLetterPlace } from '../ports.ts'
import { changeStates, chunks } from './batches.ts'
import { BLOCKED } from './dead-letter.ts'
import { type DeadLetterSources, type Letter, lettersOf } from './letters.ts'
import { keyText } from './newer-versions.ts'
import { isMeant, type LetterFilter } from './select-letters.ts'

export interface DiscardRequest extends LetterFilter {
  /** Contract topic. */
  readonly topic: string
  /** True to look only: nothing is written. */
  readonly dryRun: boolean
  readonly actor: string
  readonly reason: string
}

export interface DiscardReport {
  readonly topic: string
  readonly dryRun: boolean
  /** Letters whose state changed; in a dry run: would change. */
  readonly changed: number
  /** Records that conform, wait for one of these letters, and are to be replayed now. */
  readonly waiting: number
}

type Parts = DeadLetterSources & { readonly clock: Clock }

/** Marks open dead letters as discarded: they are done with, stay in the log, and `reopenDeadLetters` takes it back. */
export function discardDeadLetters(parts: Parts, request: DiscardRequest): Promise<DiscardReport> {
  return setStates(parts, request, 'discarded', ({ state }) => state === 'open')
}

/** Takes back what was discarded, or left out of a replay for a newer record of its key: the letters are open again. */
export function reopenDeadLetters(parts: Parts, request: DiscardRequest): Promise<DiscardReport> {
  return setStates(
    parts,
    request,
    'open',
    ({ state, mark }) => state === 'discarded' || (state === 'superseded' && mark?.state === 'superseded'),
  )
}

async function setStates(
  parts: Parts,
  request: DiscardRequest,
  state: 'discarded' | 'open',
  isEligible: (letter: Letter) => boolean,
): Promise<DiscardReport> {
  const { topic, dryRun, actor, reason } = request
  let chosen = dryRun ? await choose(parts, request, isEligible) : undefined
  const batches = dryRun
    ? []
    : await changeStates(parts, topic, async () => {
        chosen = await choose(parts, request, isEligible)
        return chunks(chosen.letters).map((letters) => ({ topic, state, letters, actor, reason, patch: null }))
      })
  const changed = dryRun ? chosen!.letters.length : batches.reduce((sum, { letters }) => sum + letters.length, 0)
  return { topic, dryRun, changed, waiting: state === 'discarded' ? chosen!.waiting : 0 }
}

async function choose(
  parts: Parts,
  request: DiscardRequest,
  isEligible: (letter: Letter) => boolean,
): Promise<{ readonly letters: readonly DeadLetterPlace[]; readonly waiting: number }> {
  const letters: DeadLetterPlace[] = []
  const keys = new Set<string>()
  const behind: string[] = []
  for await (const letter of lettersOf(parts, request.topic)) {
    const { record, state } = letter
    const key = keyText(record.key)
    if (isEligible(letter) && isMeant(record, request)) {
      letters.push({ partition: record.partition, offset: record.offset })
      if (key !== null) keys.add(key)
    } else if (key !== null && state === 'open' && record.headers[HEADERS.class] === BLOCKED) behind.push(key)
  }
  return { letters, waiting: behind.filter((key) => keys.has(key)).length }
}
