import type pg from 'pg'
import { quoteName } from '../../kernel/index.ts'
import type { PostgresTable, TableDrift } from '../../registry/ports.ts'

/** A table as the catalog tells it. */
interface CatalogTable {
  readonly columns: readonly CatalogColumn[]
  readonly constraints: readonly CatalogConstraint[]
}

interface CatalogColumn {
  readonly name: string
  readonly type: string
  readonly required: boolean
}

interface CatalogConstraint {
  readonly name: string
  /** As PostgreSQL writes it: equal for equal meaning of equal texts. */
  readonly definition: string
  readonly validated: boolean
}

/** Reads a table of a schema, or `null` where there is none. By name, whatever the order of the columns. */
async function readTable(client: pg.ClientBase, schema: string, name: string): Promise<CatalogTable | null> {
  const found = await client.query<{ oid: string }>(
    `SELECT c.oid::text AS oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')`,
    [schema, name],
  )
  const oid = found.rows[0]?.oid
  return oid === undefined ? null : readRelation(client, oid)
}

async function readRelation(client: pg.ClientBase, oid: string): Promise<CatalogTable> {
  const columns = await client.query<CatalogColumn>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required
     FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped ORDER BY attname COLLATE "C"`,
    [oid],
  )
  const constraints = await client.query<CatalogConstraint>(
    `SELECT conname AS name, pg_get_constraintdef(oid) AS definition, convalidated AS validated
     FROM pg_constraint WHERE conrelid = $1::oid AND contype IN ('p', 'u', 'c') ORDER BY conname COLLATE "C"`,
    [oid],
  )
  return { columns: columns.rows, constraints: constraints.rows }
}

/** A table that Covenant did not make, as one that a migration can begin with. Other constraints are left as they are. */
export async function describeTable(
  client: pg.ClientBase,
  schema: string,
  name: string,
): Promise<PostgresTable | null> {
  const found = await readTable(client, schema, name)
  if (found === null) return null
  const key = await client.query<{ name: string; columns: readonly string[] }>(
    `SELECT con.conname AS name, array_agg(a.attname::text ORDER BY k.position) AS columns
     FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     CROSS JOIN unnest(con.conkey) WITH ORDINALITY AS k (attnum, position)
     JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.attnum
     WHERE n.nspname = $1 AND c.relname = $2 AND con.contype = 'p' GROUP BY con.conname`,
    [schema, name],
  )
  return {
    ...{ schema, name, comment: null, functions: [], notEnforced: [] },
    columns: found.columns.map((column) => ({ ...column, comment: null })),
    constraints: key.rows.map(({ name: constraint, columns }) => ({
      name: constraint,
      kind: 'primary key',
      definition: `PRIMARY KEY (${columns.map(quoteName).join(', ')})`,
    })),
  }
}

const EXPECTED = 'covenant_expected'

/**
 * How a table differs from what it should be. PostgreSQL writes constraints in its own words, so a temporary table is
 * made as the contract says, and the two are compared. Within a transaction, which the caller ends.
 */
export async function compareTable(client: pg.ClientBase, table: PostgresTable): Promise<readonly TableDrift[]> {
  const name = `${table.schema}.${table.name}`
  const found = await readTable(client, table.schema, table.name)
  if (found === null) return [{ table: name, part: null, message: 'there is no such table', isFault: true }]
  const functions = await missingFunctions(client, table)
  // Without its functions the expected table cannot be made.
  const absent = functions.map((part) => ({
    table: name,
    part,
    message: 'the function is missing or another',
    isFault: true,
  }))
  if (absent.length > 0) return absent
  await client.query(`DROP TABLE IF EXISTS pg_temp.${EXPECTED}; ${temporaryTable(table)}`)
  const oid = await client.query<{ oid: string }>(`SELECT 'pg_temp.${EXPECTED}'::regclass::oid::text AS oid`)
  const expected = await readRelation(client, oid.rows[0]!.oid)
  await client.query(`DROP TABLE pg_temp.${EXPECTED}`)
  return [
    ...compareColumns(found.columns, expected.columns),
    ...compareConstraints(found.constraints, expected.constraints),
  ].map((drift) => ({ table: name, ...drift }))
}

type Difference = Omit<TableDrift, 'table'>

function compareColumns(found: readonly CatalogColumn[], expected: readonly CatalogColumn[]): readonly Difference[] {
  const differences = expected.flatMap(({ name, type, required }): Difference[] => {
    const column = found.find((each) => each.name === name)
    if (column === undefined) return [{ part: name, message: 'the column is missing', isFault: true }]
    if (column.type !== type)
      return [{ part: name, message: `the column is of type ${column.type}, not ${type}`, isFault: true }]
    if (column.required === required) return []
    return [
      {
        part: name,
        message: `the column ${required ? 'may be null, and must not' : 'must not be null, and may'}`,
        isFault: true,
      },
    ]
  })
  const more = found.filter(({ name }) => !expected.some((each) => each.name === name))
  return [
    ...differences,
    ...more.map(({ name }) => ({ part: name, message: 'the column is not of the contract', isFault: false })),
  ]
}

function compareConstraints(
  found: readonly CatalogConstraint[],
  expected: readonly CatalogConstraint[],
): readonly Difference[] {
  const differences = expected.flatMap(({ name, definition }): Difference[] => {
    const constraint = found.find((each) => each.name === name)
    if (constraint === undefined) return [{ part: name, message: 'the constraint is missing', isFault: true }]
    if (constraint.validated && constraint.definition === definition) return []
    const message = constraint.validated ? `it says ${constraint.definition}` : 'it was never validated'
    return [{ part: name, message, isFault: true }]
  })
  const more = found.filter(({ name }) => !expected.some((each) => each.name === name))
  return [
    ...differences,
    ...more.map(({ name }) => ({ part: name, message: 'the constraint is not of the contract', isFault: false })),
  ]
}

async function missingFunctions(client: pg.ClientBase, table: PostgresTable): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string; body: string }>(
    `SELECT p.proname AS name, p.prosrc AS body FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = $1 AND p.proname = ANY($2)`,
    [table.schema, table.functions.map(({ name }) => name)],
  )
  return table.functions
    .filter(({ name, body }) => !rows.some((row) => row.name === name && row.body === body))
    .map(({ name }) => name)
}

function temporaryTable({ columns, constraints }: PostgresTable): string {
  const lines = [
    ...columns.map(({ name, type, required }) => `${quoteName(name)} ${type}${required ? ' NOT NULL' : ''}`),
    ...constraints.map(({ name, definition }) => `CONSTRAINT ${quoteName(name)} ${definition}`),
  ]
  return `CREATE TEMPORARY TABLE ${EXPECTED} (${lines.join(', ')})`
}
