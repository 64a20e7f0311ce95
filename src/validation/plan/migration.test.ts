import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { compileMigration } from './migration.ts'

const run = async (expression: string, record: unknown): Promise<unknown> => {
  const result = await compileMigration(expression)(Buffer.from(JSON.stringify(record)))
  return 'value' in result ? result.value.toString() : result
}

describe('a migration', () => {
  test('writes the result with its members in the order of the expression', async () => {
    assert.equal(
      await run('{"price": {"amount": amount / 100, "currency": currency}, "id": id}', {
        id: 'o-1',
        amount: 1250,
        currency: 'EUR',
      }),
      '{"price":{"amount":12.5,"currency":"EUR"},"id":"o-1"}',
    )
  })

  test('keeps what it is told to keep, and can change some members only', async () => {
    assert.equal(await run('$merge([$, {"b": b & "!"}])', { a: 1, b: 'x', c: [1] }), '{"a":1,"b":"x!","c":[1]}')
  })

  test('gives the same bytes for the same record, one after the other and in one process or two', async () => {
    const migration = compileMigration('{"n": $map(items, function($v) { $v * 2 })[], "t": $pad(t, -5, "0")}')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 5 }), fc.string(), async (items, t) => {
        const value = Buffer.from(JSON.stringify({ items, t }))
        assert.deepEqual(await migration(value), await migration(value))
      }),
    )
  })

  const faults: readonly (readonly [string, string, unknown, string])[] = [
    ['a list', '[1, 2]', {}, 'the result is a list, not an object'],
    ['no result', 'missing', {}, 'the result is nothing, not an object'],
    ['a text', '"x"', {}, 'the result is a string, not an object'],
    ['a wrong type', '{"n": secret + 1}', { secret: 'hush' }, 'JSONata error T2001 at character 14'],
    ['an own error', '$error("hush " & secret)', { secret: 'hush' }, 'JSONata error D3137 at character 7'],
    ['endless tail calls', '($f := function() { $f() }; $f())', {}, 'more than 100000 steps'],
    ['endless recursion', '($f := function() { 1 + $f() }; $f())', {}, 'JSONata error D1011 at character 27'],
    ['a huge range', '{"n": $count([1..9999999])}', {}, 'JSONata error D2015 at character 17'],
    ['a huge padding', '{"n": $pad("x", 1e9)}', {}, 'a padding of more than 100000'],
    [
      'a text that doubles',
      '{"t": $reduce([1..40], function($a, $b) { $a & $a }, "x")}',
      {},
      'a text of more than 4194304',
    ],
    [
      'a backtracking pattern',
      '{"m": $contains(t, /(a+)+$/)}',
      { t: `${'a'.repeat(60)}!` },
      'a text of more than 4 for a regular expression',
    ],
  ]
  for (const [what, expression, record, fault] of faults)
    test(`tells of ${what} without a value of the record`, async () => {
      assert.deepEqual(await run(expression, record), { fault })
    })

  test('is as before after a fault', async () => {
    const migration = compileMigration('{"n": n + 1}')
    assert.ok('fault' in (await migration(Buffer.from('{"n":"x"}'))))
    assert.deepEqual(await migration(Buffer.from('{"n":1}')), { value: Buffer.from('{"n":2}') })
  })
})
