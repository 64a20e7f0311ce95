import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DAY_MS, HOUR_MS } from '../../kernel/index.ts'
import { cron, defineTrigger, type PolicyDefinition } from '../define.ts'
import type { LedgerEntry, SignalKind } from '../ports.ts'
import type { PolicyRun } from './block.ts'
import { decide, withdraw } from './decide.ts'

const START = Date.UTC(2013, 2, 1)

function policyOf(policy: PolicyDefinition) {
  return defineTrigger({ pipeline: 'delay', on: [cron('0 5 1 * *')], policy }).policy
}

function arrived(id: string, kind: SignalKind = 'cron', at = START, params = {}): LedgerEntry {
  const signal = { id, kind, pipeline: 'delay', at, cause: 'because', params }
  return { signal, outcome: null, reason: 'arrived', decidedAt: at, runId: null, dueAt: null }
}

function run(id: string, startedAt: number, change: Partial<PolicyRun> = {}): PolicyRun {
  return { id, trigger: 'cron', startedAt, finishedAt: startedAt + HOUR_MS, outcome: 'succeeded', ...change }
}

/** The ledger after a decision. */
function after(entries: readonly LedgerEntry[], changed: readonly LedgerEntry[]): readonly LedgerEntry[] {
  return entries.map((entry) => changed.find(({ signal }) => signal.id === entry.signal.id) ?? entry)
}

const outcomes = (entries: readonly LedgerEntry[]) => entries.map(({ outcome, reason }) => `${outcome}: ${reason}`)

describe('decide', () => {
  it('starts a run at once where the policy limits nothing', () => {
    const { start, changed, wakeAt } = decide([arrived('a')], START, policyOf({ params: { rounds: 200 } }), [])
    assert.deepEqual(start, {
      pipeline: 'delay',
      params: { rounds: 200 },
      trigger: 'cron',
      signalId: 'a',
      runId: changed[0]!.runId,
    })
    assert.deepEqual(outcomes(changed), [`fired: started ${start!.runId}`])
    assert.equal(wakeAt, Number.POSITIVE_INFINITY)
  })

  it('lets signals join the one that waits, and waits longer for each, up to maxWait', () => {
    const policy = policyOf({ debounce: '1d', maxWait: '2d' })
    let entries: readonly LedgerEntry[] = [arrived('a')]
    let decision = decide(entries, START, policy, [])
    assert.equal(decision.start, null)
    assert.equal(decision.wakeAt, START + DAY_MS)
    entries = [
      ...after(entries, decision.changed),
      arrived('b', 'metric', START + 0.9 * DAY_MS),
      arrived('c', 'data', START + 1.8 * DAY_MS, { rows: 5 }),
    ]
    decision = decide(entries, START + 1.85 * DAY_MS, policy, [])
    assert.equal(decision.wakeAt, START + 2 * DAY_MS)
    entries = after(entries, decision.changed)
    decision = decide(entries, START + 2 * DAY_MS, policy, [])
    entries = after(entries, decision.changed)
    const { runId } = decision.start!
    assert.deepEqual(decision.start!.params, { rows: 5 })
    assert.deepEqual(outcomes(entries), [
      `fired: started ${runId}`,
      `merged: merged into ${runId}`,
      `merged: merged into ${runId}`,
    ])
    assert.deepEqual(
      entries.map((entry) => entry.runId),
      [runId, runId, runId],
    )
  })

  it('lets an ad-hoc signal take over what waits, and start it at once', () => {
    const policy = policyOf({ debounce: '1d', coolDown: '7d' })
    const runs = [run('run-0', START - DAY_MS)]
    let entries: readonly LedgerEntry[] = [arrived('a'), arrived('b')]
    entries = after(entries, decide(entries, START + DAY_MS, policy, runs).changed)
    assert.match(outcomes(entries)[0]!, /^deferred: cool-down until 2013-03-07T01:00:00.000Z$/)
    entries = [...entries, arrived('c', 'ad-hoc', START + DAY_MS)]
    const { start, changed } = decide(entries, START + DAY_MS, policy, runs)
    assert.equal(start?.signalId, 'c')
    assert.deepEqual(outcomes(after(entries, changed)), [
      `merged: merged into ${start!.runId}, an ad-hoc run`,
      `merged: merged into ${start!.runId}, an ad-hoc run`,
      `fired: started ${start!.runId}`,
    ])
  })

  it('defers during the cool-down, and says so when the run starts', () => {
    const policy = policyOf({ coolDown: '7d' })
    const runs = [run('run-0', START - DAY_MS)]
    let entries: readonly LedgerEntry[] = [arrived('a')]
    const first = decide(entries, START, policy, runs)
    const until = START + 6 * DAY_MS + HOUR_MS
    assert.equal(first.wakeAt, until)
    entries = after(entries, first.changed)
    assert.deepEqual(decide(entries, until - 1, policy, runs).changed, [])
    const { start, changed } = decide(entries, until, policy, runs)
    assert.deepEqual(outcomes(changed), [`deferred: cool-down until 2013-03-07T01:00:00.000Z; ran as ${start!.runId}`])
  })

  it('keeps one signal pending while a run is active', () => {
    const policy = policyOf({})
    const runs = [run('run-0', START, { finishedAt: null, outcome: null })]
    const entries = [arrived('a'), arrived('b', 'ad-hoc'), arrived('c', 'ad-hoc')]
    const { start, changed } = decide(entries, START, policy, runs)
    assert.equal(start, null)
    assert.deepEqual(
      after(entries, changed).map(({ outcome }) => outcome),
      ['merged', 'deferred', 'merged'],
    )
    assert.equal(changed.find(({ outcome }) => outcome === 'deferred')!.reason, 'run-0 is still running')
  })

  it('refuses what is over the budget, with all that joined it', () => {
    const policy = policyOf({ budget: { runs: 2, per: '28d' } })
    const runs = [run('run-0', START - 30 * DAY_MS), run('run-1', START - 27 * DAY_MS), run('run-2', START - DAY_MS)]
    const entries = [arrived('a'), arrived('b', 'metric')]
    const { changed, start, wakeAt } = decide(entries, START, policy, runs)
    assert.equal(start, null)
    assert.equal(wakeAt, Number.POSITIVE_INFINITY)
    const refused = 'refused: budget of 2 runs in 28d is used up until 2013-03-02T00:00:00.000Z'
    assert.deepEqual(outcomes(after(entries, changed)), [refused, refused])
    assert.ok(decide([arrived('a', 'cron', START + DAY_MS)], START + DAY_MS, policy, runs).start)
    assert.equal(decide([arrived('a', 'ad-hoc')], START, policy, runs).start, null)
  })

  it('waits for the budget where the policy says so', () => {
    const policy = policyOf({ budget: { runs: 1, per: '28d', whenUsedUp: 'defer' } })
    const { changed, wakeAt } = decide([arrived('a')], START, policy, [run('run-0', START - DAY_MS)])
    assert.equal(wakeAt, START + 27 * DAY_MS)
    assert.deepEqual(outcomes(changed), ['deferred: budget of 1 run in 28d is used up until 2013-03-28T00:00:00.000Z'])
  })

  it('holds after rejected candidates in a row, until somebody asks', () => {
    const policy = policyOf({ stopAfterRejected: 2 })
    const rejected = [1, 2].map((day) => run(`run-${day}`, START - day * DAY_MS, { outcome: 'rejected' }))
    const aborted = run('run-3', START - HOUR_MS, { outcome: 'aborted' })
    const { changed } = decide([arrived('a')], START, policy, [...rejected, aborted])
    assert.deepEqual(outcomes(changed), [
      'refused: on hold after 2 rejected candidates in a row, until an ad-hoc signal',
    ])
    assert.ok(decide([arrived('a', 'ad-hoc')], START, policy, rejected).start)
    const asked = run('run-4', START, { outcome: 'rejected', trigger: 'ad-hoc' })
    assert.ok(decide([arrived('b', 'cron', START + DAY_MS)], START + DAY_MS, policy, [...rejected, asked]).start)
    const between = run('run-5', START - 1.5 * DAY_MS)
    assert.ok(decide([arrived('a')], START, policy, [...rejected, between]).start)
  })

  it('refuses all signals of a run that could not begin', () => {
    const entries = [arrived('a'), arrived('b')]
    const started = after(entries, decide(entries, START, policyOf({}), []).changed)
    const withdrawn = withdraw(started, START, started[0]!.runId!, 'Pipeline delay is not deployed.')
    assert.deepEqual(outcomes(withdrawn), [
      'refused: Pipeline delay is not deployed.',
      'refused: Pipeline delay is not deployed.',
    ])
    assert.deepEqual(
      withdrawn.map(({ runId }) => runId),
      [null, null],
    )
  })
})
