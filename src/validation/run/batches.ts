import { type Clock, CovenantError, type Json, stableId } from '../../kernel/index.ts'
import {
  deadLetterTopic,
  endOffsets,
  HEADERS,
  type NewRecord,
  rawTopic,
  recordSource,
  type TopicRecord,
} from '../../topic/index.ts'
import type { DeadLetterBatch, DeadLetterMark, DeadLetterPlace, DeadLetterState } from '../ports.ts'
import { originalHeaders } from './alias-headers.ts'
import { writerHeader } from './letter-judge.ts'
import { type DeadLetterSources, placeKey, readLetters } from './letters.ts'
import { compilePatch } from './patch.ts'

/** What is to become of some letters. */
export interface StateChange {
  readonly topic: string
  readonly state: DeadLetterState
  readonly letters: readonly DeadLetterPlace[]
  readonly actor: string
  readonly reason: string
  readonly patch: string | null
}

/** Letters of one batch: one append to the raw topic, one transaction of marks. */
const BATCH_LETTERS = 1_000
/** How often another process may come in between before this one gives up. */
const ATTEMPTS_MAX = 10

/**
 * Changes states of dead letters of a topic: asks `decide` what is to be done, and does it, change by change. Where
 * another process changes states of the topic meanwhile, what is left is decided anew.
 *
 * Copy, then mark: each change is written down, its letters are appended to the raw topic (they stay where they are),
 * and when that is durable, they are marked. A process that is killed in between leaves a batch that the next call
 * finishes before it begins its own.
 *
 * @throws `VALIDATION_DEAD_LETTERS_BUSY`
 */
export async function changeStates(
  parts: DeadLetterSources & { readonly clock: Clock },
  topic: string,
  decide: () => Promise<readonly StateChange[]>,
): Promise<readonly DeadLetterBatch[]> {
  const done: DeadLetterBatch[] = []
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    // Asked for before it is decided what to do: a change that comes in between takes the next number.
    let last = await finishPending(parts, topic)
    let undisturbed = true
    for (const change of await decide()) {
      const batch = await carryOutChange(parts, change, last)
      undisturbed = batch !== null
      if (batch === null) break
      done.push(batch)
      last = batch
    }
    if (undisturbed) return done
  }
  throw new CovenantError({
    code: 'VALIDATION_DEAD_LETTERS_BUSY',
    message: 'Other processes keep changing the states of these dead letters.',
    where: topic,
    remedy: 'Try again when they are done; what was changed already stays so.',
    retryable: true,
  })
}

/** Splits letters into what fits into one batch. */
export function chunks(places: readonly DeadLetterPlace[]): readonly (readonly DeadLetterPlace[])[] {
  return Array.from({ length: Math.ceil(places.length / BATCH_LETTERS) }, (_, n) =>
    places.slice(n * BATCH_LETTERS, (n + 1) * BATCH_LETTERS),
  )
}

/** `null` where another process has begun a batch since `last`; then nothing was done. */
async function carryOutChange(
  parts: DeadLetterSources & { readonly clock: Clock },
  { topic, state, letters, actor, reason, patch }: StateChange,
  last: DeadLetterBatch | undefined,
): Promise<DeadLetterBatch | null> {
  const number = (last?.number ?? 0) + 1
  const batch: DeadLetterBatch = {
    id: stableId('batch', topic, number, state, letters, patch),
    topic,
    number,
    state,
    actor,
    at: parts.clock.now(),
    reason,
    patch,
    letters,
    firstSequence: nextSequence(last),
    rawFrom: await endOffsets(parts.log, rawTopic(topic)),
    rawTo: null,
  }
  if (!(await parts.deadLetters.begin(batch))) return null
  await carryOut(parts, batch)
  return batch
}

/**
 * Finishes what a process that died left behind, and gives the last batch of the topic. What was sent already is
 * recognised by its sequence number and not sent again, so two processes may do this at once.
 */
async function finishPending(sources: DeadLetterSources, topic: string): Promise<DeadLetterBatch | undefined> {
  const last = await sources.deadLetters.lastBatch(topic)
  if (last !== undefined && last.rawTo === null) await carryOut(sources, last)
  return last
}

async function carryOut(sources: DeadLetterSources, batch: DeadLetterBatch): Promise<void> {
  const { log, deadLetters } = sources
  const { topic, number } = batch
  const marks =
    batch.state === 'replayed' ? await send(sources, batch) : batch.letters.map((place) => mark(batch, place))
  await deadLetters.finish(topic, number, await endOffsets(log, rawTopic(topic)), marks)
}

/** Appends the letters of a batch to the raw topic, in its order, and gives their marks. */
async function send({ log }: DeadLetterSources, batch: DeadLetterBatch): Promise<readonly DeadLetterMark[]> {
  const { topic, letters, firstSequence } = batch
  const patch = batch.patch === null ? null : compilePatch(batch.patch)
  const byPlace = new Map((await readLetters(log, topic, letters)).map((record) => [placeKey(record), record]))
  const records: NewRecord[] = []
  const marks: DeadLetterMark[] = []
  for (const place of letters) {
    const letter = byPlace.get(placeKey(place))!
    const patched = patch === null ? null : await patch(letter.value)
    records.push(replayed(letter, batch, patched?.ok ? patched.value : undefined))
    marks.push(mark(batch, place, patched?.ok ? patched.diff : undefined))
  }
  await log.append(rawTopic(topic), records, { producerId: `dead-letters/${topic}`, first: firstSequence })
  return marks
}

/** The raw record that a dead letter is sent as: what its producer sent, and whence it comes. */
function replayed(letter: TopicRecord, batch: DeadLetterBatch, patched: Uint8Array | undefined): NewRecord {
  const { key, value, timestamp, headers, partition, offset } = letter
  return {
    key,
    value: patched ?? value,
    timestamp,
    headers: {
      ...originalHeaders(headers),
      ...writerHeader(letter),
      [HEADERS.replayOf]: recordSource(deadLetterTopic(batch.topic), partition, offset),
      [HEADERS.origin]: headers[HEADERS.origin] ?? headers[HEADERS.source] ?? '',
      [HEADERS.attempt]: String(Number(headers[HEADERS.attempt] ?? '1') + 1),
      [HEADERS.batch]: batch.id,
      ...(patched === undefined ? {} : { [HEADERS.patch]: batch.patch! }),
    },
  }
}

function mark(
  { id, state, actor, at, reason, patch }: DeadLetterBatch,
  { partition, offset }: DeadLetterPlace,
  diff?: readonly Json[],
): DeadLetterMark {
  const patched = patch === null || diff === undefined ? null : { expression: patch, diff }
  return { partition, offset, state, batchId: id, actor, at, reason, patch: patched }
}

function nextSequence(last: DeadLetterBatch | undefined): number {
  if (last === undefined) return 0
  return last.firstSequence + (last.state === 'replayed' ? last.letters.length : 0)
}
