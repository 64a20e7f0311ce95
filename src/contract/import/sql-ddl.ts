import { type CreateColumnDef, type DataTypeDef, type Expr, type QName, type Statement, toSql } from 'pgsql-ast-parser'
import type { JsonObject } from '../../kernel/index.ts'
import { compact, type Draft, type ImportNote, objectName } from './draft.ts'
import { importFault } from './fault.ts'
import { type ColumnConstraint, constraintOf } from './sql-checks.ts'
import { alteredTable, isIrrelevant, parseStatement } from './sql-parse.ts'
import { splitStatements } from './sql-statements.ts'
import { propertyOfSqlType } from './sql-types.ts'

/** A table while its statements are read. */
interface Table {
  readonly name: string
  description: string | null
  readonly columns: Map<string, Record<string, JsonObject[string]>>
  readonly quality: JsonObject[]
  readonly relationships: JsonObject[]
  readonly notes: ImportNote[]
}

/**
 * Reads the tables of PostgreSQL DDL: one draft a table. A CHECK that ODCS has no field for becomes a quality rule in SQL.
 *
 * @throws CovenantError `CONTRACT_IMPORT_FAILED`
 */
export function importSqlDdl(text: string, file: string): readonly Draft[] {
  const tables = new Map<string, Table>()
  const enums = new Map<string, readonly string[]>()
  for (const { sql, line } of splitStatements(text)) {
    if (isIrrelevant(sql)) continue
    const altered = tables.get(alteredTable(sql))
    try {
      for (const statement of parseStatement(sql, line, file)) take(statement, tables, enums)
    } catch (thrown) {
      if (altered === undefined) throw thrown
      altered.notes.push({
        path: '',
        message: `The ALTER TABLE in line ${line} was not read: ${sql.replace(/\s+/g, ' ')}.`,
      })
    }
  }
  if (tables.size === 0) throw importFault('The file creates no table.', file)
  return [...tables.values()].map(({ columns, ...table }) => ({
    ...table,
    properties: [...columns.values()].map((column) => compact(column)),
  }))
}

function take(statement: Statement, tables: Map<string, Table>, enums: Map<string, readonly string[]>): void {
  switch (statement.type) {
    case 'create enum':
      enums.set(
        statement.name.name,
        statement.values.map(({ value }) => value),
      )
      return
    case 'create table': {
      const table = tableOf(statement.name)
      tables.set(key(statement.name), table)
      for (const column of statement.columns)
        if (column.kind === 'column') addColumn(table, column, enums)
        else table.notes.push({ path: '', message: 'LIKE was not followed: columns of the other table are missing.' })
      for (const constraint of statement.constraints ?? []) addConstraint(table, constraint)
      if (statement.inherits !== undefined)
        table.notes.push({ path: '', message: 'INHERITS was not followed: columns of the other table are missing.' })
      return
    }
    case 'alter table': {
      const table = tables.get(key(statement.table))
      for (const change of table === undefined ? [] : statement.changes)
        if (change.type === 'add constraint') addConstraint(table!, change.constraint)
        else if (change.type === 'add column') addColumn(table!, change.column, enums)
      return
    }
    case 'comment':
      comment(statement, tables)
      return
    default:
      return
  }
}

function tableOf(name: QName): Table {
  const full = name.schema === undefined ? name.name : `${name.schema}.${name.name}`
  return { name: full, description: null, columns: new Map(), quality: [], relationships: [], notes: [] }
}

function key({ name }: QName): string {
  return name.toLowerCase()
}

function comment({ comment: text, on }: Extract<Statement, { type: 'comment' }>, tables: Map<string, Table>): void {
  if (on.type === 'table') {
    const table = tables.get(key(on.name))
    if (table !== undefined) table.description = text
  } else if (on.type === 'column') {
    const column = tables.get(on.column.table.toLowerCase())?.columns.get(on.column.column.toLowerCase())
    if (column !== undefined) column.description = text
  }
}

function addColumn(table: Table, column: CreateColumnDef, enums: ReadonlyMap<string, readonly string[]>): void {
  const { name } = column.name
  table.columns.set(name.toLowerCase(), { name, ...property(column.dataType, name, table, enums) })
  for (const constraint of column.constraints ?? [])
    switch (constraint.type) {
      case 'not null':
        mark(table, [name], { required: true })
        break
      case 'primary key':
        primaryKey(table, [name])
        break
      case 'unique':
        mark(table, [name], { unique: true })
        break
      case 'check':
        check(table, constraint.expr)
        break
      case 'reference':
        relate(table, [name], constraint.foreignTable, constraint.foreignColumns)
        break
      default:
        break
    }
}

function property(
  type: DataTypeDef,
  path: string,
  table: Table,
  enums: ReadonlyMap<string, readonly string[]>,
): JsonObject {
  if (type.kind === 'array') return { logicalType: 'array', items: property(type.arrayOf, `${path}[]`, table, enums) }
  const symbols = enums.get(type.name)
  if (symbols !== undefined)
    return { logicalType: 'string', physicalType: type.name, enum: symbols.map((value) => ({ value })) }
  const found = propertyOfSqlType({ name: type.name.toLowerCase(), args: type.config ?? [] })
  if (found === null) {
    table.notes.push({ path, message: `The type ${type.name} is not known; the draft says string.` })
    return { logicalType: 'string', physicalType: type.name }
  }
  if (found.note !== null) table.notes.push({ path, message: found.note })
  return found.property
}

type TableConstraint = NonNullable<Extract<Statement, { type: 'create table' }>['constraints']>[number]

function addConstraint(table: Table, constraint: TableConstraint): void {
  switch (constraint.type) {
    case 'primary key':
      primaryKey(
        table,
        constraint.columns.map(({ name }) => name),
      )
      break
    case 'unique':
      unique(
        table,
        constraint.columns.map(({ name }) => name),
      )
      break
    case 'check':
      check(table, constraint.expr)
      break
    case 'foreign key':
      relate(
        table,
        constraint.localColumns.map(({ name }) => name),
        constraint.foreignTable,
        constraint.foreignColumns,
      )
      break
  }
}

function primaryKey(table: Table, names: readonly string[]): void {
  names.forEach((name, index) => {
    mark(table, [name], { required: true, primaryKey: true, primaryKeyPosition: index + 1 })
  })
}

function unique(table: Table, names: readonly string[]): void {
  if (names.length === 1) mark(table, names, { unique: true })
  else
    table.quality.push({
      id: `unique-${names.join('-')}`,
      metric: 'duplicateValues',
      arguments: { properties: [...names] },
      mustBe: 0,
    })
}

/** A CHECK is a bound or a list of values of one column, or else a rule in SQL. */
function check(table: Table, expression: Expr): void {
  const found = constraintOf(expression)
  const column = found === null ? undefined : table.columns.get(found.column.toLowerCase())
  if (found === null || column === undefined || !fits(column, found)) {
    const sql = toSql.expr(expression)
    table.quality.push({
      id: `check-${table.quality.length + 1}`,
      type: 'sql',
      query: `SELECT count(*) FROM {object} WHERE NOT ${sql.startsWith('(') ? sql : `(${sql})`}`,
      mustBe: 0,
    })
    return
  }
  if (found.values !== null) column.enum = found.values.map((value) => ({ value }))
  if (Object.keys(found.options).length > 0)
    column.logicalTypeOptions = { ...(column.logicalTypeOptions as JsonObject | undefined), ...found.options }
}

/** Lengths are of texts, other bounds of numbers, and values of the type of their column. */
function fits(column: Readonly<Record<string, unknown>>, { options, values }: ColumnConstraint): boolean {
  const isText = column.logicalType === 'string'
  if (!isText && !/^(integer|number)$/.test(String(column.logicalType))) return false
  return (
    Object.keys(options).every((option) => option.endsWith('Length') === isText) &&
    (values ?? []).every((value) => (typeof value === 'string') === isText)
  )
}

function relate(table: Table, from: readonly string[], to: QName, columns: readonly { name: string }[]): void {
  const target = objectName(tableOf(to).name)
  const source = objectName(table.name)
  const targets = columns.map(({ name }) => `${target}.${name}`)
  const single = from.length === 1 && targets.length === 1
  table.relationships.push({
    type: 'foreignKey',
    from: single ? `${source}.${from[0]}` : from.map((name) => `${source}.${name}`),
    to: single ? targets[0]! : targets,
  })
}

function mark(table: Table, names: readonly string[], facts: JsonObject): void {
  for (const name of names) Object.assign(table.columns.get(name.toLowerCase()) ?? {}, facts)
}
