import { CovenantError, quoteName } from '../../kernel/index.ts'
import { COLUMN_SQL_TYPES, type LakeColumn } from '../../lake/ports.ts'

const ORIGIN_COLUMNS =
  '_topic VARCHAR, _partition INTEGER, _offset BIGINT, _timestamp TIMESTAMP, _contract_version VARCHAR'

/**
 * The statements after which a lake table can take rows with `columns`: they create it, or add the columns it lacks and
 * widen integers to numbers. `existing` is what it has; `undefined` where there is no such table.
 */
export function fitTable(
  name: string,
  columns: readonly LakeColumn[],
  existing: readonly LakeColumn[] | undefined,
): readonly string[] {
  const table = `lake.main.${quoteName(name)}`
  if (existing === undefined) {
    const own = columns.map((column) => `${quoteName(column.name)} ${COLUMN_SQL_TYPES[column.type]}, `)
    return [`CREATE TABLE ${table} (${own.join('')}${ORIGIN_COLUMNS})`]
  }
  const types = new Map(existing.map((column) => [column.name, column.type]))
  return columns.flatMap((column) => {
    const stored = types.get(column.name)
    const target = `${quoteName(column.name)}`
    if (stored === undefined) return [`ALTER TABLE ${table} ADD COLUMN ${target} ${COLUMN_SQL_TYPES[column.type]}`]
    if (stored === 'integer' && column.type === 'number')
      return [`ALTER TABLE ${table} ALTER ${target} SET DATA TYPE DOUBLE`]
    if (stored === column.type || (stored === 'number' && column.type === 'integer')) return []
    throw typeChanged(name, column, stored)
  })
}

function typeChanged(table: string, column: LakeColumn, stored: LakeColumn['type']): CovenantError {
  return new CovenantError({
    code: 'LAKE_COLUMN_TYPE_CHANGED',
    message: `Column ${column.name} of lake table ${table} holds ${stored}; the contract now says ${column.type}.`,
    where: `lake.${table}`,
    remedy: 'Give the field a new name, or the new shape a topic of its own.',
  })
}
