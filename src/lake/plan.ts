import type { Contract, LogicalType } from '../contract/index.ts'
import { CovenantError } from '../kernel/index.ts'
import type { LakeColumn } from './ports.ts'

/**
 * Lake table of a contract topic: what a SQL name cannot hold becomes `_`.
 *
 * @example tableName('flights.arrived') // 'flights_arrived'
 */
export function tableName(topic: string): string {
  return topic.replaceAll(/[^A-Za-z0-9_]/g, '_')
}

/** Columns of every lake table beside the contract's own: where the row comes from. */
const ORIGIN_COLUMNS = ['_topic', '_partition', '_offset', '_timestamp', '_contract_version'] as const

/** Columns that a table of change events has beside the fields of the row. */
const CHANGE_COLUMNS: readonly LakeColumn[] = [
  { name: '_op', type: 'string' },
  { name: '_source_ts', type: 'timestamp' },
]

/**
 * The columns of a contract's lake table, without the origin columns. Nested fields are kept as JSON text. Change
 * events add `_op` (`c` create, `u` update, `d` delete, `r` snapshot read, `t` tombstone) and `_source_ts`, the time
 * of the change in its database.
 */
export function lakeColumns(contract: Contract): readonly LakeColumn[] {
  const columns = contract.fields.map(({ name, type }) => ({ name, type: columnType(type) }))
  const all = contract.cdc === null ? columns : [...columns, ...CHANGE_COLUMNS]
  refuseClash(contract, [...all.map((column) => column.name), ...ORIGIN_COLUMNS])
  return all
}

function columnType(type: LogicalType): LakeColumn['type'] {
  return type === 'object' || type === 'array' || type === 'map' ? 'json' : type
}

/** SQL names do not tell `Id` from `id`. */
function refuseClash(contract: Contract, names: readonly string[]): void {
  const seen = new Map<string, string>()
  for (const name of names) {
    const other = seen.get(name.toLowerCase())
    if (other !== undefined)
      throw new CovenantError({
        code: 'LAKE_COLUMN_CLASH',
        message: `The fields ${other} and ${name} of contract ${contract.id} would be one column in the lake.`,
        where: `${contract.topic} ${contract.version}`,
        remedy: `Rename one of them; names differ by more than case, and ${ORIGIN_COLUMNS.join(', ')} are taken.`,
      })
    seen.set(name.toLowerCase(), name)
  }
}
