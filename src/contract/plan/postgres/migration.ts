import { quoteName } from '../../../kernel/index.ts'
import type { MigrationEffect, PostgresColumn, PostgresConstraint, PostgresTable } from './define.ts'
import { textLiteral } from './literal.ts'
import { changeType } from './type-change.ts'

export interface MigrationStatement {
  /** Without the semicolon. */
  readonly sql: string
  readonly effect: MigrationEffect
  /** What it does, in one sentence. */
  readonly why: string
}

export interface MigrationOptions {
  /** Also drops the columns that the newer table does not have; else they stay, and may be null from then on. */
  readonly dropColumns: boolean
}

/**
 * The statements that bring a database from one table to another, in the order in which they have to run. `from` is
 * `null` where there is no table yet. A column is never renamed: one that is called otherwise is a new one.
 *
 * New checks are added NOT VALID and validated after, so that both can be taken apart for a table that is too large to
 * be read under a lock.
 *
 * @example planMigration(null, compilePostgresTable(contract, { schema: 'public' }), { dropColumns: false })
 */
export function planMigration(
  from: PostgresTable | null,
  to: PostgresTable,
  { dropColumns }: MigrationOptions,
): readonly MigrationStatement[] {
  if (from === null) return create(to)
  return [
    ...newFunctions(from, to),
    ...droppedConstraints(from, to),
    ...leftColumns(from, to, dropColumns),
    ...changedColumns(from, to),
    ...newConstraints(from, to),
    ...comments(from, to),
    ...oldFunctions(from, to),
  ]
}

/** Takes back what `planMigration(from, to)` does, unless rows would be lost: then it fails, and nothing is changed. */
export function planRevert(from: PostgresTable | null, to: PostgresTable): readonly MigrationStatement[] {
  if (from !== null) {
    const added = to.columns.filter(({ name }) => !hasColumn(from, name))
    return [
      ...added.map(({ name }) => refuseLoss(to, `${quoteName(name)} IS NOT NULL`, `The column ${name} holds values`)),
      ...planMigration(to, keepingColumns(from, to), { dropColumns: false }),
      ...added.map(({ name }) => dropColumn(to, name)),
    ]
  }
  return [
    refuseLoss(to, 'true', `The table ${to.name} holds rows`),
    statement(`DROP TABLE ${nameOf(to)}`, 'safe', 'Drop the table, which is empty.'),
    ...to.functions.toReversed().map(({ signature }) => dropFunction(signature)),
  ]
}

/** The older table, still with the columns that are dropped last. */
function keepingColumns(from: PostgresTable, to: PostgresTable): PostgresTable {
  const added = to.columns.filter(({ name }) => !hasColumn(from, name)).map((each) => ({ ...each, required: false }))
  return { ...from, columns: [...from.columns, ...added] }
}

function create(table: PostgresTable): readonly MigrationStatement[] {
  const lines = [
    ...table.columns.map(({ name, type, required }) => `${quoteName(name)} ${type}${required ? ' NOT NULL' : ''}`),
    ...table.constraints.map(({ name, definition }) => `CONSTRAINT ${quoteName(name)} ${definition}`),
  ]
  const sql = `CREATE TABLE ${nameOf(table)} (\n  ${lines.join(',\n  ')}\n)`
  return [
    ...table.functions.map(({ definition }) => statement(definition, 'safe', 'Make a function that checks call.')),
    statement(sql, 'safe', `Make the table ${table.name}.`),
    ...comments(null, table),
  ]
}

function newFunctions(from: PostgresTable, to: PostgresTable): readonly MigrationStatement[] {
  return to.functions
    .filter(({ name }) => !from.functions.some((each) => each.name === name))
    .map(({ definition }) => statement(definition, 'safe', 'Make a function that new checks call.'))
}

function oldFunctions(from: PostgresTable, to: PostgresTable): readonly MigrationStatement[] {
  return from.functions
    .filter(({ name }) => !to.functions.some((each) => each.name === name))
    .toReversed()
    .map(({ signature }) => dropFunction(signature))
}

function dropFunction(signature: string): MigrationStatement {
  return statement(`DROP FUNCTION ${signature}`, 'safe', 'Drop a function that no check calls any more.')
}

/** Keys last, because foreign keys of other tables may rest on them: then PostgreSQL refuses. */
function droppedConstraints(from: PostgresTable, to: PostgresTable): readonly MigrationStatement[] {
  return from.constraints
    .filter(
      (each) =>
        !to.constraints.some(({ name }) => name === each.name) &&
        !keptKeys(from, to).some(({ before }) => before === each),
    )
    .map(({ name }) => alter(to, `DROP CONSTRAINT ${quoteName(name)}`, 'safe', 'Drop a rule that no longer holds.'))
}

function leftColumns(from: PostgresTable, to: PostgresTable, dropColumns: boolean): readonly MigrationStatement[] {
  return from.columns
    .filter(({ name }) => !hasColumn(to, name))
    .flatMap(({ name, required }) => {
      if (dropColumns) return [dropColumn(to, name)]
      const why = `Keep the column ${name}, which the contract no longer has; writers may leave it out.`
      return required ? [alter(to, `ALTER COLUMN ${quoteName(name)} DROP NOT NULL`, 'safe', why)] : []
    })
}

function dropColumn(table: PostgresTable, name: string): MigrationStatement {
  return alter(table, `DROP COLUMN ${quoteName(name)}`, 'destructive', `Drop the column ${name} and what it holds.`)
}

function changedColumns(from: PostgresTable, to: PostgresTable): readonly MigrationStatement[] {
  return to.columns.flatMap((column) => {
    const before = from.columns.find(({ name }) => name === column.name)
    return before === undefined ? addColumn(to, column) : changeColumn(to, before, column)
  })
}

/** An earlier version may have left the column behind; whether it is of the right type is checked after. */
function addColumn(table: PostgresTable, { name, type, required }: PostgresColumn): readonly MigrationStatement[] {
  const column = quoteName(name)
  return [
    alter(table, `ADD COLUMN IF NOT EXISTS ${column} ${type}`, 'safe', `Add the column ${name}.`),
    ...(required ? [setRequired(table, name)] : []),
  ]
}

function setRequired(table: PostgresTable, name: string): MigrationStatement {
  const why = `Every row needs a value of ${name}; fails where one has none, so give them one above this line first.`
  return alter(table, `ALTER COLUMN ${quoteName(name)} SET NOT NULL`, 'locking', why)
}

function changeColumn(table: PostgresTable, from: PostgresColumn, to: PostgresColumn): readonly MigrationStatement[] {
  const column = quoteName(to.name)
  const changes: MigrationStatement[] = []
  const toNull = changeType(from.type, to.type, column)
  if (from.required && (!to.required || toNull?.effect === 'destructive'))
    changes.push(alter(table, `ALTER COLUMN ${column} DROP NOT NULL`, 'safe', `The column ${to.name} may be null.`))
  if (toNull !== null)
    changes.push(
      alter(table, `ALTER COLUMN ${column} TYPE ${to.type} USING ${toNull.using}`, toNull.effect, toNull.why(to.name)),
    )
  if (to.required && (!from.required || toNull?.effect === 'destructive')) changes.push(setRequired(table, to.name))
  return changes
}

/** Keys that are there under another name, as in a table that Covenant did not make: they need no new index. */
function keptKeys(from: PostgresTable, to: PostgresTable) {
  const emptied = to.columns
    .filter(({ name, type }) => {
      const before = from.columns.find((each) => each.name === name)
      return before !== undefined && changeType(before.type, type, '')?.effect === 'destructive'
    })
    .map(({ name }) => quoteName(name))
  return to.constraints.flatMap((after) => {
    const before = from.constraints.find(({ definition }) => definition === after.definition)
    const isKept = after.kind !== 'check' && before !== undefined && before.name !== after.name
    return isKept && !emptied.some((column) => after.definition.includes(column)) ? [{ before, after }] : []
  })
}

function newConstraints(from: PostgresTable, to: PostgresTable): readonly MigrationStatement[] {
  const kept = keptKeys(from, to)
  const added = to.constraints.filter(
    (each) => !from.constraints.some(({ name }) => name === each.name) && !kept.some(({ after }) => after === each),
  )
  const checks = added.filter(({ kind }) => kind === 'check')
  const keys = added.filter(({ kind }) => kind !== 'check')
  return [
    ...kept.map(({ before, after }) =>
      alter(to, `RENAME CONSTRAINT ${quoteName(before.name)} TO ${quoteName(after.name)}`, 'safe', 'Keep the key.'),
    ),
    ...checks.map((each) => addConstraint(to, each)),
    ...checks.map(({ name }) =>
      alter(to, `VALIDATE CONSTRAINT ${quoteName(name)}`, 'locking', 'Hold the rows that are there against the rule.'),
    ),
    ...keys.map((each) => addConstraint(to, each)),
  ]
}

function addConstraint(table: PostgresTable, { name, kind, definition }: PostgresConstraint): MigrationStatement {
  const added = `ADD CONSTRAINT ${quoteName(name)} ${definition}`
  return kind === 'check'
    ? alter(table, `${added} NOT VALID`, 'safe', 'New rows have to keep a rule.')
    : alter(table, added, 'locking', `Build the index of a ${kind === 'unique' ? 'unique field' : 'primary key'}.`)
}

function comments(from: PostgresTable | null, to: PostgresTable): readonly MigrationStatement[] {
  const table = nameOf(to)
  const ofTable = (from?.comment ?? null) === to.comment ? [] : [comment(`TABLE ${table}`, to.comment)]
  const ofColumns = to.columns
    .filter(({ name, comment: text }) => (from?.columns.find((each) => each.name === name)?.comment ?? null) !== text)
    .map(({ name, comment: text }) => comment(`COLUMN ${table}.${quoteName(name)}`, text))
  return [...ofTable, ...ofColumns]
}

function comment(of: string, text: string | null): MigrationStatement {
  return statement(`COMMENT ON ${of} IS ${text === null ? 'NULL' : textLiteral(text)}`, 'safe', 'Say what it holds.')
}

/** Fails, and so rolls everything back, where there are rows. */
function refuseLoss(table: PostgresTable, where: string, message: string): MigrationStatement {
  const test = `IF EXISTS (SELECT FROM ${nameOf(table)} WHERE ${where}) THEN RAISE EXCEPTION ${textLiteral(`${message.replaceAll('%', '%%')}, which taking this version back would lose.`)}; END IF;`
  const tag = test.includes('$undo$') ? `$undo${test.length}$` : '$undo$'
  return statement(`DO ${tag} BEGIN ${test} END ${tag}`, 'safe', 'Lose nothing that was written meanwhile.')
}

function alter(table: PostgresTable, change: string, effect: MigrationEffect, why: string): MigrationStatement {
  return statement(`ALTER TABLE ${nameOf(table)} ${change}`, effect, why)
}

function statement(sql: string, effect: MigrationEffect, why: string): MigrationStatement {
  return { sql, effect, why }
}

function hasColumn(table: PostgresTable, name: string): boolean {
  return table.columns.some((each) => each.name === name)
}

function nameOf({ schema, name }: PostgresTable): string {
  return `${quoteName(schema)}.${quoteName(name)}`
}
