/** SQL models over published data: their graph and how their rows are kept. */
import './events.ts'

export { type ColumnUse, columnUse } from './columns.ts'
export type { Materialization, Model } from './define.ts'
export { parseModel } from './parse.ts'
export { checkTopics, orderModels } from './plan.ts'
export type { Publications } from './ports.ts'
export { type ModelBuild, Warehouse, type WarehouseOptions } from './run.ts'
