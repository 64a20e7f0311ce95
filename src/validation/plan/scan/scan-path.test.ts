import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { eventText, planOf, randomFields } from '../../../../test/random-plans.ts'
import { compilePatterns } from '../patterns.ts'
import { collectViolations } from '../violations.ts'
import { ScanPath } from './scan-path.ts'

const FLIGHT = [
  { name: 'carrier', type: 'string', required: true, rules: { pattern: '^[A-Z]{2}$' } },
  { name: 'delay', type: 'number', required: false, rules: { minimum: -60 } },
  { name: 'at', type: 'timestamp', required: true, rules: {} },
] as const

describe('the scan of the bytes', () => {
  test('says yes only to what parses and conforms', () => {
    const runs = randomFields.chain((fields) =>
      fc.tuple(fc.constant(fields), fc.array(eventText(fields), { minLength: 3, maxLength: 8 }), damages),
    )
    let recognised = 0
    fc.assert(
      fc.property(runs, ([fields, texts, faults]) => {
        const plan = planOf(fields)
        const patterns = compilePatterns(plan)
        const scan = new ScanPath(plan, patterns, 1)
        for (const text of [...texts, ...texts]) {
          const bytes = Buffer.from(text)
          for (const candidate of [bytes, ...faults.map((fault) => damaged(bytes, fault))])
            if (scan.conforms(candidate)) {
              recognised++
              const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(candidate))
              assert.deepEqual(collectViolations(plan, patterns, value), [], candidate.toString())
            }
          const value: unknown = JSON.parse(text)
          if (collectViolations(plan, patterns, value).length === 0) scan.learn(value as object)
        }
      }),
      { numRuns: 500 },
    )
    assert.ok(recognised > 500, `only ${recognised} events were recognised: the property says little`)
  })

  test('recognises events in the order that it has seen, with members left out, added and spaced', () => {
    const scan = learned({ at: '2013-01-01T00:00:00Z', extra: { any: [1, 'x'] }, carrier: 'UA', delay: 1.5 })
    const yes = [
      '{"at":"2013-02-28T23:59:59.125Z","extra":[],"carrier":"AA","delay":-60}',
      '{"at":"2013-01-01T00:00:00+01:00","carrier":"AA"}',
      '{"at": "2013-01-01T00:00:00Z", "extra": null, "carrier": "AA", "delay": null}',
    ]
    const no = [
      '{"carrier":"AA","at":"2013-01-01T00:00:00Z"}',
      '{"at":"2013-02-29T00:00:00Z","carrier":"AA"}',
      '{"at":"2013-01-01T00:00:00Z","carrier":"AAA"}',
      '{"at":"2013-01-01T00:00:00Z","carrier":"AA","delay":-61}',
      '{"at":"2013-01-01T00:00:00Z","carrier":"AA","delay":01}',
      '{"at":"2013-01-01T00:00:00Z","carrier":"AA",}',
      '{"at":"2013-01-01T00:00:00Z","carrier":"AA"}x',
    ]
    for (const text of yes) assert.equal(scan.conforms(Buffer.from(text)), true, text)
    for (const text of no) assert.equal(scan.conforms(Buffer.from(text)), false, text)
  })

  test('learns further members and further orders without forgetting the earlier ones', () => {
    const scan = learned({ carrier: 'UA', at: '2013-01-01T00:00:00Z' })
    scan.learn({ carrier: 'UA', delay: 1, at: '2013-01-01T00:00:00Z', note: 'x' })
    scan.learn({ at: '2013-01-01T00:00:00Z', carrier: 'UA' })
    for (const text of [
      '{"carrier":"AA","at":"2013-01-01T00:00:00Z"}',
      '{"carrier":"AA","delay":2,"at":"2013-01-01T00:00:00Z","note":"é😀"}',
      '{"at":"2013-01-01T00:00:00Z","carrier":"AA"}\n',
    ])
      assert.equal(scan.conforms(Buffer.from(text)), true, text)
  })

  test('counts code points and refuses bytes that are no UTF-8', () => {
    const plan = planOf([{ name: 'a', type: 'string', required: true, rules: { minLength: 2, maxLength: 2 } }])
    const scan = new ScanPath(plan, compilePatterns(plan), 1)
    scan.learn({ a: 'xx' })
    const event = (text: Buffer) => Buffer.concat([Buffer.from('{"a":"'), text, Buffer.from('"}')])
    for (const text of ['xé', '😀é', '\u0080\uffff']) assert.equal(scan.conforms(event(Buffer.from(text))), true, text)
    for (const text of ['é', '😀', 'éxx']) assert.equal(scan.conforms(event(Buffer.from(text))), false, text)
    for (const bytes of [
      [0xff, 0x78],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80, 0x78],
      [0xf4, 0x90, 0x80, 0x80, 0x78],
      [0x78, 0xc3],
    ])
      assert.equal(scan.conforms(event(Buffer.from(bytes))), false, String(bytes))
  })
})

function learned(event: object): ScanPath {
  const plan = planOf(FLIGHT)
  const scan = new ScanPath(plan, compilePatterns(plan), 1)
  scan.learn(event)
  return scan
}

const damages = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255), insert: fc.boolean() }), { maxLength: 4 })

function damaged(bytes: Buffer, { at, byte, insert }: { at: number; byte: number; insert: boolean }): Buffer {
  const place = at % bytes.length
  return Buffer.concat([bytes.subarray(0, place), Buffer.from([byte]), bytes.subarray(insert ? place : place + 1)])
}
