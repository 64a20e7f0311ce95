import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { parametersOf, substitute } from './sql-parameters.ts'

describe('SQL parameters', () => {
  it('are found outside strings, quoted names and comments only', () => {
    const sql = `SELECT $a, '$b', "$c", $a -- $d
      /* $e */ , 'it''s $f', $$ $g $$, $tag$ $h $tag$, x[$i]`
    assert.deepEqual(parametersOf(sql), ['a', 'i'])
  })

  it('become literals of their type', () => {
    const values = {
      t: "O'Hare",
      n: -1.5,
      b: true,
      z: null,
      l: ['a', 2],
      when: { timestamp: '2013-02-01T00:00:00.000Z' },
    }
    assert.equal(
      substitute('$t $n $b $z $l $when', values),
      "'O''Hare' (-1.5) TRUE NULL ['a', (2)] TIMESTAMP '2013-02-01 00:00:00.000'",
    )
  })

  it('must be known', () => {
    assert.throws(() => substitute('SELECT $ass_of', { as_of: 1 }), { message: /\$ass_of.* Did you mean "as_of"\?/ })
  })

  it('give the engine back what was given, for any text and number', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        async (text, number) => {
          // DuckDB text cannot hold the character U+0000 in a literal.
          const clean = text.replaceAll('\0', '')
          const reader = await connection.runAndReadAll(
            substitute('SELECT $text, $number::DOUBLE', { text: clean, number }),
          )
          const [row] = reader.getRows()
          assert.equal(row![0], clean)
          assert.equal(Math.abs(Number(row![1]) - number) <= Math.abs(number) * 1e-15, true, `${row![1]} for ${number}`)
        },
      ),
      { numRuns: 60 },
    )
    connection.closeSync()
  })
})
