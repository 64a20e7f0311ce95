import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Json } from '../../kernel/index.ts'
import { writeDraft } from '../import/draft.ts'
import { acceptsDocument } from '../plan/accepts.ts'
import { compileValidationPlan } from '../plan/validation-plan.ts'
import { readContract } from '../read/index.ts'
import { DocumentObserver } from './documents.ts'
import { draftOfEvidence } from './evidence.ts'

function infer(documents: readonly Json[], tight = false) {
  const observer = new DocumentObserver()
  for (const document of documents) observer.see(document)
  const draft = draftOfEvidence('things', observer.fields(), observer.records, { tight })
  const yaml = writeDraft(draft)
  return { yaml, contract: readContract(yaml, 'draft.odcs.yaml'), notes: draft.notes, observer }
}

/** Documents whose places have one type each, which is what most topics hold. */
const scalars = {
  id: fc.uuid(),
  n: fc.integer({ min: -1000, max: 1000 }),
  x: fc.double({ noNaN: true, noDefaultInfinity: true }),
  yes: fc.boolean(),
  at: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }).map((date) => date.toISOString()),
  day: fc.integer({ min: 1, max: 28 }).map((day) => `2026-02-${String(day).padStart(2, '0')}`),
  word: fc.string({ unit: 'grapheme', maxLength: 4 }),
}
const documents = fc.array(
  fc.record(
    {
      ...scalars,
      list: fc.array(fc.option(fc.integer()), { maxLength: 3 }),
      inside: fc.record({ a: scalars.word, b: fc.option(scalars.n) }, { requiredKeys: [] }),
      none: fc.constant(null),
    },
    { requiredKeys: ['id'] },
  ),
  { minLength: 1, maxLength: 30 },
)

describe('a draft from documents', () => {
  it('accepts every document that it was learnt from, tight or not', () => {
    fc.assert(
      fc.property(documents, fc.boolean(), (seen, tight) => {
        const { contract } = infer(seen as readonly Json[], tight)
        const plan = compileValidationPlan(contract)
        for (const document of seen) assert.ok(acceptsDocument(plan.fields, document), JSON.stringify(document))
      }),
      { numRuns: 100 },
    )
  })

  it('is as strict as what was seen allows', () => {
    const seen = Array.from({ length: 120 }, (_, index) => ({
      order_id: `o-${index}`,
      state: index % 2 === 0 ? 'open' : 'paid',
      placed_at: `2026-01-01T00:00:${String(index % 60).padStart(2, '0')}Z`,
      amount: index + 0.5,
      ...(index === 7 ? {} : { note: null, count: index }),
    }))
    const { contract, yaml, notes } = infer(seen)
    assert.deepEqual(notes, [])
    assert.deepEqual(
      contract.fields.map(({ name, type, required, rules, primaryKeyPosition }) => [
        ...[name, type, required],
        ...[rules.enum ?? null, primaryKeyPosition],
      ]),
      [
        ['order_id', 'string', true, null, 1],
        ['state', 'string', true, ['open', 'paid'], null],
        ['placed_at', 'timestamp', true, null, null],
        ['amount', 'number', true, null, null],
        ['note', 'string', false, null, null],
        ['count', 'integer', false, null, null],
      ],
    )
    assert.equal(contract.eventTime, 'placed_at')
    assert.match(yaml, /# present in 119 of 120, from 0 to 119, never twice the same\n\s+- name: count/)
    const tight = infer(seen, true).contract.fields
    assert.deepEqual(tight[3]?.rules, { minimum: 0.5, maximum: 119.5 })
    assert.deepEqual(tight[2]?.rules, { earliest: '2026-01-01T00:00:00Z', latest: '2026-01-01T00:00:59Z' })
  })

  it('counts types that do not fit, and values that are no records', () => {
    const { contract, notes, observer } = infer([{ a: 1 }, { a: 'x' }, { a: 2.5 }, 'no record', [1]])
    assert.equal(contract.fields[0]?.type, 'number')
    assert.deepEqual([observer.records, observer.others], [3, 2])
    assert.match(
      notes.at(-1)!.message,
      /^Its values are of several types: 2 numbers, 1 texts; the draft has the most frequent one\.$/,
    )
  })

  it('takes an object with very many different members for a map', () => {
    const wide = Array.from({ length: 300 }, (_, index) => ({ counts: { [`key${index}`]: index, other: 1 } }))
    const [counts] = infer(wide).contract.fields
    assert.deepEqual([counts?.type, counts?.items?.type], ['map', 'integer'])
  })

  it('answers any documents with a draft that can be read', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 4 }), { maxLength: 10 }), (seen) => {
        const observer = new DocumentObserver()
        for (const document of seen) observer.see({ a: document as Json })
        writeDraft(draftOfEvidence('x', observer.fields(), observer.records))
      }),
    )
  })
})
