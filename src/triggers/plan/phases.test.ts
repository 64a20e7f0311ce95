import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LedgerEntry } from '../ports.ts'
import { advance, type Phase, phaseOf, type Step, TRANSITIONS } from './phases.ts'

const signal = { id: 's', kind: 'cron', pipeline: 'delay', at: 0, cause: 'because', params: {} } as const
const base: LedgerEntry = { signal, outcome: null, reason: '', decidedAt: 0, runId: null, dueAt: null }

/** An entry in each phase. */
const entries: Readonly<Record<Phase, LedgerEntry>> = {
  arrived: base,
  waiting: { ...base, dueAt: 5 },
  deferred: { ...base, outcome: 'deferred', dueAt: 5 },
  started: { ...base, outcome: 'fired', runId: 'run-1' },
  merged: { ...base, outcome: 'merged', runId: 'run-1' },
  refused: { ...base, outcome: 'refused' },
}

describe('The phases of a signal', () => {
  it('are told from the entry as it is stored', () => {
    for (const [phase, entry] of Object.entries(entries)) assert.equal(phaseOf(entry), phase)
    assert.equal(phaseOf({ ...base, outcome: 'deferred', runId: 'run-1' }), 'started')
  })

  for (const [from, steps] of Object.entries(TRANSITIONS) as [Phase, Record<Step, Phase | 'impossible'>][])
    for (const [step, to] of Object.entries(steps) as [Step, Phase | 'impossible'][])
      it(`${from}: ${step} leads to ${to}`, () => {
        for (const [phase, target] of Object.entries(entries)) {
          const go = () => advance(entries[from], step, target)
          if (phase === to) assert.equal(phaseOf(go()), to)
          else assert.throws(go, { code: 'TRIGGER_ILLEGAL_STEP' })
        }
      })
})
