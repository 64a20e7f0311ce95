import type { ColumnPlan, Contract } from '../define.ts'

/** The columns of a table that holds the contract's records: its fields, in order; nested ones stay nested. */
export function compileColumns(contract: Contract): ColumnPlan[] {
  return contract.fields.map(({ name, type }) => ({ name, type }))
}
