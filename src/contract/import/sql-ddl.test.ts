import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CovenantError } from '../../kernel/index.ts'
import { readContract } from '../read/index.ts'
import { writeDraft } from './draft.ts'
import { importSqlDdl } from './sql-ddl.ts'
import { splitStatements } from './sql-statements.ts'

function read(text: string) {
  return importSqlDdl(text, 'shop.sql').map((draft) => ({
    contract: readContract(writeDraft(draft), 'draft.odcs.yaml'),
    notes: draft.notes.map(({ path, message }) => `${path}: ${message}`),
  }))
}

const SHOP = `-- PostgreSQL database dump; not a statement
SET client_encoding = 'UTF8';
CREATE TYPE state AS ENUM ('open', 'paid');
CREATE TABLE shop.customers (id integer NOT NULL, name character varying(40));
ALTER TABLE ONLY shop.customers ADD CONSTRAINT customers_pkey PRIMARY KEY (id);
/* the orders; all of them */
CREATE TABLE shop.orders (
  id bigint PRIMARY KEY,
  code varchar(20) NOT NULL UNIQUE CHECK (length(code) >= 3),
  price numeric(10,2) CHECK (price >= 0 AND price < 1000.5),
  state state NOT NULL DEFAULT 'open',
  kind text CHECK (kind IN ('a;b', 'it''s')),
  customer int REFERENCES shop.customers(id),
  tags text[],
  placed_at timestamptz NOT NULL DEFAULT now(),
  seen timestamp,
  extra jsonb,
  big numeric(38,0),
  CONSTRAINT positive CHECK (id > 0),
  CHECK (placed_at > seen),
  UNIQUE (customer, placed_at)
) PARTITION BY RANGE (placed_at);
COMMENT ON TABLE shop.orders IS 'Every order.';
COMMENT ON COLUMN shop.orders.code IS 'What the customer sees.';
CREATE INDEX orders_by_time ON shop.orders (placed_at);
ALTER TABLE shop.orders OWNER TO shop;
`

describe('import of SQL DDL', () => {
  it('reads tables, keys, checks, enums, foreign keys and comments', () => {
    const [customers, orders] = read(SHOP)
    assert.deepEqual(
      customers!.contract.fields.map(({ name, type, required, rules }) => [name, type, required, rules.maxLength]),
      [
        ['id', 'integer', true, undefined],
        ['name', 'string', false, 40],
      ],
    )
    const { contract, notes } = orders!
    assert.deepEqual([contract.topic, contract.purpose, contract.key], ['shop.orders', 'Every order.', ['id']])
    assert.deepEqual(
      contract.fields.map(({ name, type, required, rules }) => [name, type, required, rules]),
      [
        ['id', 'integer', true, { exclusiveMinimum: 0 }],
        ['code', 'string', true, { minLength: 3, maxLength: 20 }],
        ['price', 'number', false, { minimum: 0, exclusiveMaximum: 1000.5, multipleOf: 0.01 }],
        ['state', 'string', true, { enum: ['open', 'paid'] }],
        ['kind', 'string', false, { enum: ['a;b', "it's"] }],
        ['customer', 'integer', false, { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 }],
        ['tags', 'array', false, {}],
        ['placed_at', 'timestamp', true, {}],
        ['seen', 'timestamp', false, {}],
        ['extra', 'object', false, {}],
        ['big', 'integer', false, {}],
      ],
    )
    assert.equal(contract.fields[1]!.unique, true)
    assert.equal(contract.fields[1]!.description, 'What the customer sees.')
    assert.deepEqual(contract.relationships, [{ from: ['customer'], to: ['customers.id'] }])
    assert.deepEqual(
      contract.quality.map(({ check }) => (check.type === 'sql' ? check.query : check.arguments)),
      ['SELECT count(*) FROM {object} WHERE NOT (placed_at > seen)', { properties: ['customer', 'placed_at'] }],
    )
    assert.deepEqual(notes, [
      'seen: It has no zone in the source; a timestamp of a contract has one: UTC is taken.',
      'extra: It may hold any JSON; the draft says object: say what is inside.',
      'big: Integers beyond ±(2^53 − 1) cannot be told apart in JSON.',
    ])
  })

  it('says in which line a statement cannot be read', () => {
    assert.throws(
      () => read('CREATE TABLE a (x int);\n\nCREATE TABLE b (x int,,);'),
      (thrown) => thrown instanceof CovenantError && thrown.where === 'shop.sql:3',
    )
    assert.throws(() => read('SELECT 1;'), /creates no table/)
  })

  it('cuts statements where they end, and nowhere else', () => {
    const text = `a; 'x;''y' "q;" -- c;\n$$ b; $$ $t$;$t$ /* ; */ z;;\n\n last`
    assert.deepEqual(splitStatements(text), [
      { sql: 'a', line: 1 },
      { sql: `'x;''y' "q;" $$ b; $$ $t$;$t$  z`, line: 1 },
      { sql: 'last', line: 4 },
    ])
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ';', "'", '"', '-', '/', '*', '$', '\n', ' ') }), (any) => {
        for (const { sql, line } of splitStatements(any)) {
          assert.notEqual(sql.trim(), '')
          assert.ok(line >= 1 && line <= any.split('\n').length)
        }
      }),
    )
  })

  it('answers any text with drafts or one clear error', () => {
    const words = fc.constantFrom(
      'CREATE TABLE',
      'a',
      '(',
      ')',
      'int',
      ',',
      'CHECK',
      '>',
      '1',
      ';',
      'text',
      'PRIMARY KEY',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words, { maxLength: 14 }).map((list) => list.join(' ')),
        ),
        (text) => {
          try {
            importSqlDdl(text, 'f.sql').map((draft) => writeDraft(draft))
          } catch (thrown) {
            assert.ok(thrown instanceof CovenantError && thrown.code === 'CONTRACT_IMPORT_FAILED', String(thrown))
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
