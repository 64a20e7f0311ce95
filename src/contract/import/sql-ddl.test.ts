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
    assert.deepEqual(contract.relationships, [{ from: ['customer'], to: ['shop_customers.id'] }])
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

  it('reads a dump with rows, commands of psql, and what it cannot say as a note', () => {
    const [table, checked, heir] = read(String.raw`\restrict token
SET client_encoding = 'UTF8';
CREATE DOMAIN public.email AS text CONSTRAINT at CHECK ((VALUE ~ '@'::text));
CREATE UNLOGGED TABLE public.notes (a integer NOT NULL, b text)
WITH (fillfactor='70');
CREATE TABLE public.checked (
    state text, kind character varying(9), total numeric(10,2), low integer, code text,
    CONSTRAINT c1 CHECK ((state = ANY (ARRAY['new'::text, 'paid'::text]))),
    CONSTRAINT c2 CHECK (((kind)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))),
    CONSTRAINT c3 CHECK ((total >= (0)::numeric)),
    CONSTRAINT c4 CHECK ((low >= '-60'::integer)),
    CONSTRAINT c5 CHECK ((length((kind)::text) >= 1)),
    CONSTRAINT c6 CHECK ((code ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT c7 CHECK (((low)::text = ANY (ARRAY['1'::text, '2'::text])))
);
CREATE TABLE public.heir (c integer) INHERITS (public.checked);
ALTER TABLE ONLY public.parts ATTACH PARTITION public.part_1 FOR VALUES FROM (1) TO (2);
COPY public.notes (a, b) FROM stdin;
1	it's; "x
2	CREATE TABLE z (
\.


ALTER TABLE ONLY public.notes
    ADD CONSTRAINT apart EXCLUDE USING btree (a WITH =);
ALTER TABLE ONLY public.notes ADD CONSTRAINT notes_pkey PRIMARY KEY (a);
\unrestrict token
`)
    assert.deepEqual(
      table!.contract.fields.map(({ name, type }) => [name, type]),
      [
        ['a', 'integer'],
        ['b', 'string'],
      ],
    )
    assert.deepEqual(table!.contract.key, ['a'])
    assert.deepEqual(table!.notes, [
      ': The ALTER TABLE in line 24 was not read: ALTER TABLE ONLY public.notes ADD CONSTRAINT apart EXCLUDE USING btree (a WITH =).',
    ])
    assert.deepEqual(
      checked!.contract.fields.map(({ name, rules }) => [name, rules]),
      [
        ['state', { enum: ['new', 'paid'] }],
        ['kind', { enum: ['a', 'b'], minLength: 1, maxLength: 9 }],
        ['total', { multipleOf: 0.01, minimum: 0 }],
        ['low', { minimum: -60, maximum: 2 ** 31 - 1 }],
        ['code', {}],
      ],
    )
    assert.equal(checked!.contract.quality.length, 2)
    assert.deepEqual(heir!.notes, [': INHERITS was not followed: columns of the other table are missing.'])
    assert.deepEqual(splitStatements('COPY t FROM stdin;\n\\.\nSELECT 1;'), [
      { sql: 'COPY t FROM stdin', line: 1 },
      { sql: 'SELECT 1', line: 3 },
    ])
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
