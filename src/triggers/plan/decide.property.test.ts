import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, HOUR_MS } from '../../kernel/index.ts'
import type { RunOutcome } from '../../metadata/index.ts'
import { cron, defineTrigger, type Policy } from '../define.ts'
import type { LedgerEntry, SignalKind } from '../ports.ts'
import type { PolicyRun } from './block.ts'
import { decide } from './decide.ts'
import { phaseOf } from './phases.ts'

/** A pipeline as the outside sees it: its ledger, its runs, and the time. */
interface World {
  readonly policy: Policy
  entries: LedgerEntry[]
  runs: PolicyRun[]
  now: number
}

type Command =
  | { readonly type: 'signal'; readonly id: number; readonly kind: SignalKind }
  | { readonly type: 'pass'; readonly hours: number }
  | { readonly type: 'evaluate' }
  | { readonly type: 'evaluate-and-die' }
  | { readonly type: 'finish'; readonly outcome: RunOutcome }

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: fc.constant('signal' as const),
    id: fc.nat(25),
    kind: fc.constantFrom<SignalKind>('cron', 'metric', 'data', 'ad-hoc'),
  }),
  fc.record({ type: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 200 }) }),
  fc.constant({ type: 'evaluate' as const }),
  fc.constant({ type: 'evaluate-and-die' as const }),
  fc.record({
    type: fc.constant('finish' as const),
    outcome: fc.constantFrom<RunOutcome>('succeeded', 'rejected', 'aborted', 'failed'),
  }),
)

const policies = fc
  .record({
    debounce: fc.constantFrom('0ms', '6h', '1d'),
    maxWait: fc.constantFrom('0ms', '1d', '3d'),
    coolDown: fc.constantFrom('0ms', '12h', '7d'),
    budget: fc.option(
      fc.record({
        runs: fc.integer({ min: 1, max: 3 }),
        per: fc.constantFrom('2d', '28d'),
        whenUsedUp: fc.constantFrom('refuse' as const, 'defer' as const),
      }),
    ),
    stopAfterRejected: fc.option(fc.integer({ min: 1, max: 3 })),
  })
  .map(({ budget, stopAfterRejected, ...policy }) => {
    const limits = { ...(budget && { budget }), ...(stopAfterRejected && { stopAfterRejected }) }
    return defineTrigger({ pipeline: 'delay', on: [cron('0 5 1 * *')], policy: { ...policy, ...limits } }).policy
  })

it('no order of signals, time, crashes and outcomes breaks the policy', () => {
  fc.assert(
    fc.property(policies, fc.array(command, { maxLength: 60 }), (policy, commands) => {
      const world: World = { policy, entries: [], runs: [], now: Date.UTC(2013, 0, 1) }
      for (const next of commands) {
        execute(world, next)
        checkInvariants(world)
      }
      checkNothingIsLost(world)
    }),
    { numRuns: 400 },
  )
})

function execute(world: World, next: Command): void {
  if (next.type === 'pass') world.now += next.hours * HOUR_MS
  if (next.type === 'signal') receive(world, `signal-${next.id}`, next.kind)
  if (next.type === 'finish') finish(world, next.outcome)
  if (next.type === 'evaluate' || next.type === 'evaluate-and-die') evaluate(world, next.type === 'evaluate')
}

/** As the ledger's `add`: a signal that is known changes nothing. */
function receive(world: World, id: string, kind: SignalKind): void {
  if (world.entries.some(({ signal }) => signal.id === id)) return
  const signal = { id, kind, pipeline: 'delay', at: world.now, cause: id, params: {} }
  world.entries.push({ signal, outcome: null, reason: 'arrived', decidedAt: world.now, runId: null, dueAt: null })
}

function finish(world: World, outcome: RunOutcome): void {
  world.runs = world.runs.map((run) => (run.finishedAt === null ? { ...run, finishedAt: world.now, outcome } : run))
}

/** A process that dies does so after the ledger was written, before the run store knows the run. */
function evaluate(world: World, survives: boolean): void {
  const { policy, now } = world
  const resumed = unknownRuns(world)
  if (resumed.length > 0) {
    world.runs.push(...resumed)
    return
  }
  const decision = decide(world.entries, now, policy, world.runs)
  assert.deepEqual(decide(world.entries, now, policy, world.runs), decision, 'the same input, the same decision')
  if (decision.start) checkStart(world, decision.start.trigger)
  world.entries = world.entries.map(
    (entry) => decision.changed.find(({ signal }) => signal.id === entry.signal.id) ?? entry,
  )
  const again = decide(world.entries, now, policy, world.runs)
  assert.deepEqual([again.changed, again.start], [[], null], 'a decision made twice changes nothing')
  if (survives) world.runs.push(...unknownRuns(world))
}

function unknownRuns({ entries, runs }: World): PolicyRun[] {
  return entries
    .filter((entry) => phaseOf(entry) === 'started' && !runs.some(({ id }) => id === entry.runId))
    .map(({ runId, signal, decidedAt }) => ({
      id: runId!,
      trigger: signal.kind,
      startedAt: decidedAt,
      finishedAt: null,
      outcome: null,
    }))
}

function checkStart({ runs, now, policy }: World, kind: string): void {
  assert.ok(
    runs.every(({ finishedAt }) => finishedAt !== null),
    'one active run',
  )
  if (kind === 'ad-hoc') return
  assert.ok(
    runs.every(({ finishedAt }) => finishedAt! + policy.coolDownMs <= now),
    'cool-down is kept',
  )
}

function checkInvariants({ entries, runs, policy, now }: World): void {
  const pending = entries.filter((entry) => ['waiting', 'deferred'].includes(phaseOf(entry)))
  assert.ok(pending.length <= 1, 'one pending run')
  assert.equal(new Set(runs.map(({ id }) => id)).size, runs.length, 'every run is started once')
  const { budget } = policy
  const recent = runs.filter(({ startedAt }) => budget && startedAt > now - budget.perMs)
  if (budget) assert.ok(recent.length <= budget.runs, 'budget is kept')
  for (const { outcome, reason } of entries) if (outcome !== null) assert.notEqual(reason, '')
}

/** Left to itself for long enough, every signal ends with an outcome, and one that has a run points to a run that was. */
function checkNothingIsLost(world: World): void {
  const received = world.entries.length
  for (let day = 0; day < 200; day++) {
    finish(world, 'succeeded')
    evaluate(world, true)
    world.now += DAY_MS
  }
  assert.equal(world.entries.length, received)
  for (const entry of world.entries) {
    const phase = phaseOf(entry)
    assert.ok(['started', 'merged', 'refused'].includes(phase), `${entry.signal.id} is ${phase}`)
    if (phase !== 'refused') assert.ok(world.runs.some(({ id }) => id === entry.runId))
  }
}
