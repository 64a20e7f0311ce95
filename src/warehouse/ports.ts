import type { Publication } from '../sla/index.ts'

/** What the warehouse needs of the SLA stage: which snapshot of each table it may read. `SlaStore` has it. */
export interface Publications {
  publications(): Promise<readonly Publication[]>
}
