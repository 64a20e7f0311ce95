import { HEADERS, recordSource, type TopicRecord } from '../../topic/index.ts'
import type { DeadLetterPlace, RegisteredVersion } from '../ports.ts'
import { BLOCKED } from './dead-letter.ts'
import { LetterJudge } from './letter-judge.ts'
import { type DeadLetterSources, type Letter, lettersOf, orderOf } from './letters.ts'
import { keyText, newerVersions } from './newer-versions.ts'
import { compilePatch, type Patch } from './patch.ts'
import { addToOutlook, type MutableOutlook, type Outlook, sortedOutlooks } from './would-pass.ts'

/** Which dead letters of a topic are meant; without any of these, all that are open. */
export interface LetterFilter {
  readonly fingerprint?: string
  /** Raw records (`orders.raw/0/17`) or places in the dead letter topic (`orders.dlq/0/3`). */
  readonly sources?: readonly string[]
}

export interface SelectOptions extends LetterFilter {
  readonly topic: string
  /** The versions of the contract, oldest first: the last one is the one that they are held against. */
  readonly versions: readonly RegisteredVersion[]
  /** Later records of a key wait for the earlier ones. */
  readonly blockKey: boolean
  /** JSONata over the value of those that are meant; what waited behind them stays as it is. */
  readonly patch?: string
  /** Also those of which a newer version of the key was validated. */
  readonly force?: boolean
  /** Also those that are still refused. */
  readonly all?: boolean
  readonly limit?: number
}

/** What a replay would do. */
export interface Selection {
  readonly open: number
  readonly pass: number
  readonly fingerprints: readonly Outlook[]
  /** To be sent, in the order in which the records came first; those not meant waited behind one that is. */
  readonly send: readonly (DeadLetterPlace & { readonly meant: boolean })[]
  /** Left out, because a newer record of their key was validated: that one, by letter. */
  readonly superseded: readonly (DeadLetterPlace & { readonly by: string })[]
  /** Left out, because an earlier record of their key stays a dead letter. */
  readonly waiting: number
}

interface Candidate extends DeadLetterPlace {
  readonly order: number
  readonly key: string | null
  /** False for one that only stands in the way of others of its key. */
  readonly meant: boolean
  /** It conforms, and is a dead letter because an earlier record of its key is one. */
  readonly blocked: boolean
  readonly passes: boolean
}

/** Holds the letters that are meant against a contract version and decides which of them are to be sent. */
export async function selectLetters(sources: DeadLetterSources, options: SelectOptions): Promise<Selection> {
  const judge = new LetterJudge(options.versions)
  const patch = options.patch === undefined ? null : compilePatch(options.patch)
  const outlooks = new Map<string, MutableOutlook>()
  const candidates: Candidate[] = []
  for await (const letter of lettersOf(sources, options.topic)) {
    if (!isEligible(letter, options)) continue
    const { record } = letter
    const meant = isMeant(record, options)
    const blocked = record.headers[HEADERS.class] === BLOCKED
    // Others matter only where they stand before or behind a letter of their key.
    if (!meant && !options.blockKey) continue
    const refusal = meant || blocked ? await refusalOf(judge, record, meant ? patch : null) : 'not meant'
    if (meant) addToOutlook(outlooks, record, refusal)
    candidates.push({
      partition: record.partition,
      offset: record.offset,
      order: orderOf(record),
      key: keyText(record.key),
      meant,
      blocked,
      passes: refusal === null,
    })
  }
  return decide(sources, options, candidates, sortedOutlooks(outlooks))
}

async function refusalOf(judge: LetterJudge, record: TopicRecord, patch: Patch | null): Promise<string | null> {
  if (patch === null) return judge.refusal(record, record.value)
  const patched = await patch(record.value)
  return patched.ok ? judge.refusal(record, patched.value) : patched.reason
}

async function decide(
  { log }: DeadLetterSources,
  { topic, blockKey, force = false, all = false, limit = Number.POSITIVE_INFINITY }: SelectOptions,
  candidates: readonly Candidate[],
  fingerprints: readonly Outlook[],
): Promise<Selection> {
  const sorted = candidates.toSorted((a, b) => a.order - b.order || a.partition - b.partition || a.offset - b.offset)
  const { ready, waiting } = blockKey
    ? drain(sorted, all)
    : { ready: sorted.filter((c) => all || c.passes), waiting: 0 }
  const newer = force
    ? new Map<string, { order: number; place: string }>()
    : await newerVersions(
        log,
        topic,
        ready.flatMap(({ key, order }) => (key === null ? [] : [{ key, order }])),
      )
  const isOld = ({ key, order }: Candidate) => key !== null && (newer.get(key)?.order ?? -1) > order
  return {
    open: fingerprints.reduce((sum, { open }) => sum + open, 0),
    pass: fingerprints.reduce((sum, { pass }) => sum + pass, 0),
    fingerprints,
    send: ready
      .filter((candidate) => !isOld(candidate))
      .slice(0, limit)
      .map((candidate) => ({ ...placeOf(candidate), meant: candidate.meant })),
    superseded: ready
      .filter(isOld)
      .map((candidate) => ({ ...placeOf(candidate), by: newer.get(candidate.key!)!.place })),
    waiting,
  }
}

/**
 * Of each key that has a letter which is meant: its letters in order, up to the first that stays. Those behind it wait,
 * whatever their value, because a record must not overtake an earlier one of its key.
 */
function drain(
  sorted: readonly Candidate[],
  all: boolean,
): { readonly ready: readonly Candidate[]; readonly waiting: number } {
  const wanted = new Set(sorted.filter(({ meant }) => meant).map(({ key }) => key))
  const stopped = new Set<string>()
  const ready: Candidate[] = []
  let waiting = 0
  for (const candidate of sorted) {
    const { key, meant, blocked, passes } = candidate
    if (!wanted.has(key)) continue
    const follows = blocked && key !== null
    if (key !== null && stopped.has(key)) {
      if (meant && passes) waiting++
    } else if ((meant || follows) && (passes || all)) ready.push(candidate)
    else if (key !== null) stopped.add(key)
  }
  return { ready, waiting }
}

function isEligible({ state, mark }: Letter, { force = false }: SelectOptions): boolean {
  // A letter that its own replay superseded carries the mark of the replay: the newer letter stands for it.
  return state === 'open' || (force && state === 'superseded' && mark?.state === 'superseded')
}

/** Whether a filter means a dead letter. */
export function isMeant(record: TopicRecord, { fingerprint, sources }: LetterFilter): boolean {
  if (fingerprint !== undefined && record.headers[HEADERS.fingerprint] !== fingerprint) return false
  if (sources === undefined) return true
  return (
    sources.includes(record.headers[HEADERS.source] ?? '') ||
    sources.includes(recordSource(record.topic, record.partition, record.offset))
  )
}

function placeOf({ partition, offset }: DeadLetterPlace): DeadLetterPlace {
  return { partition, offset }
}
