import { type Contract, type FieldColumn, memberJson, type TestColumn } from '../../contract/index.ts'
import { type Json, quoteName } from '../../kernel/index.ts'
import type { SqlRow } from '../../lake/index.ts'
import { redact } from '../../validation/index.ts'
import type { FailingRow } from './define.ts'

/** A column that holds the 1-based place of a row, where the reader of the data knows it. */
export const ROW_COLUMN = 'covenant_row'

/** How rows are named: SQL over the data for each part of the key, or for the place. */
export interface RowNaming {
  readonly key: readonly { readonly name: string; readonly json: string }[]
  /** `null` where the key is enough. */
  readonly row: string | null
}

/** The names of the fields that identify a record: the record key, else the primary key. */
export function identifyingFields(contract: Contract): readonly string[] {
  if (contract.key.length > 0) return contract.key
  return contract.fields
    .filter(({ primaryKeyPosition }) => primaryKeyPosition !== null)
    .sort((a, b) => (a.primaryKeyPosition ?? 0) - (b.primaryKeyPosition ?? 0))
    .map(({ name }) => name)
}

/** Names rows by their key where the data has all of it, and else, or beside it, by their place. */
export function rowNaming(
  contract: Contract,
  fields: readonly FieldColumn[],
  columns: readonly TestColumn[],
  isText: boolean,
): RowNaming {
  const names = identifyingFields(contract)
  const known = names.flatMap((name) => {
    const found = fields.find(({ field, column }) => field.name === name && column !== undefined)
    return found ? [{ name, json: memberJson(found, isText) }] : []
  })
  const complete = known.length === names.length && known.length > 0
  const placed = columns.some(({ name }) => name === ROW_COLUMN)
  return {
    key: complete ? known : [],
    row: placed ? quoteName(ROW_COLUMN) : complete ? null : 'row_number() OVER ()',
  }
}

/** The rows that meet a condition, at most `limit`, with their names and the value in question, as SQL. */
export function failingRowsSql(
  check: number,
  relation: string,
  condition: string,
  value: string,
  naming: RowNaming,
  limit: number,
): string {
  const names = [
    ...naming.key.map(({ json }, index) => `(${json})::VARCHAR AS k${index}`),
    `${naming.row ?? 'NULL'}::BIGINT AS place`,
  ]
  const inner = `SELECT *, ${names.join(', ')}, (${value})::VARCHAR AS got FROM ${relation}`
  const shown = ['place', 'got', ...naming.key.map((_, index) => `k${index}`)]
  return `(SELECT ${check} AS covenant_check, ${shown.join(', ')} FROM (${inner}) WHERE ${condition} LIMIT ${limit})`
}

/** A row that `failingRowsSql` found. */
export function failingRow(row: SqlRow, naming: RowNaming): FailingRow {
  return {
    key:
      naming.key.length === 0
        ? null
        : Object.fromEntries(naming.key.map(({ name }, index) => [name, parsed(row[`k${index}`] as string | null)])),
    row: row.place === null ? null : Number(row.place),
    got: shownValue(row.got as string | null),
  }
}

function parsed(json: string | null): Json {
  return json === null ? null : (JSON.parse(json) as Json)
}

function shownValue(json: string | null): string {
  if (json === null) return 'missing'
  try {
    return redact(JSON.parse(json))
  } catch {
    return redact(json)
  }
}
