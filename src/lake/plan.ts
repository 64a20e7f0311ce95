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

/**
 * The columns of the table that holds the records of several versions, oldest first: those of the newest one, then what
 * only earlier ones have. A column that was an integer and a number holds numbers.
 */
export function tableColumns(versions: readonly Contract[]): readonly LakeColumn[] {
  const columns = new Map<string, LakeColumn>()
  for (const contract of versions.toReversed())
    for (const column of lakeColumns(contract)) {
      const newer = columns.get(column.name)
      columns.set(
        column.name,
        newer === undefined ? column : { ...newer, type: commonType(newer, column) ?? newer.type },
      )
    }
  return [...columns.values()]
}

/** What else has a lake, as far as a new version may clash with it. */
export interface LakeNeighbours {
  /** Other versions of the contract of this topic. */
  readonly versions: readonly Contract[]
  /** Other topics. */
  readonly topics: readonly string[]
}

/**
 * Why the lake could not take the records of a contract version beside what it holds, with the way out; `null` where it
 * can. Such a version is not registered: no later change could bring its records into the table.
 */
export function lakeMisfit(contract: Contract, { versions, topics }: LakeNeighbours): string | null {
  const table = tableName(contract.topic).toLowerCase()
  const twin = topics.find((topic) => topic !== contract.topic && tableName(topic).toLowerCase() === table)
  if (twin !== undefined)
    return `The topics ${twin} and ${contract.topic} would be one lake table, ${table}. Choose another "physicalName".`
  const own = ownMisfit(contract)
  if (own !== null) return own
  for (const earlier of versions.toReversed()) {
    const held = new Map(lakeColumns(earlier).map((column) => [column.name.toLowerCase(), column]))
    for (const column of lakeColumns(contract)) {
      const before = held.get(column.name.toLowerCase())
      if (before === undefined) continue
      if (before.name !== column.name)
        return `${oneTable(contract)} "${column.name}" and "${before.name}" of version ${earlier.version} would be one column. Give the field its old name, or another one.`
      if (commonType(before, column) === null)
        return `${oneTable(contract)} "${column.name}" is ${before.type} in version ${earlier.version} and would be ${column.type}. Give the field a new name, or the new shape a topic of its own.`
    }
  }
  return null
}

function oneTable({ topic }: Contract): string {
  return `One lake table, ${tableName(topic)}, holds the records of all versions:`
}

function ownMisfit(contract: Contract): string | null {
  try {
    lakeColumns(contract)
    return null
  } catch (error) {
    if (error instanceof CovenantError && error.code === 'LAKE_COLUMN_CLASH') return `${error.message} ${error.remedy}`
    throw error
  }
}

/** The type of a column that holds values of both; `null` where there is none. */
function commonType(a: LakeColumn, b: LakeColumn): LakeColumn['type'] | null {
  if (a.type === b.type) return a.type
  const numbers = [a, b].every(({ type }) => type === 'integer' || type === 'number')
  return numbers ? 'number' : null
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
