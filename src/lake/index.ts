/** Validated records as Parquet, snapshot by snapshot, and the SQL engine that reads them. */
import './events.ts'

export { type LakeNeighbours, lakeColumns, lakeMisfit, tableColumns, tableName } from './plan.ts'
export type {
  ContractLookup,
  ContractVersions,
  LakeBatch,
  LakeColumn,
  LakeRow,
  LakeSnapshot,
  LakeStore,
  SnapshotRows,
  SqlEngine,
  SqlParameter,
  SqlRow,
  SqlValue,
} from './ports.ts'
export { COLUMN_SQL_TYPES } from './ports.ts'
export { LakeHop, type LakeHopOptions } from './run.ts'
