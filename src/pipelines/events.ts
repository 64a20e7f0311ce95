import type { EpochMs } from '../kernel/index.ts'
import type { Run, StepRecord } from '../metadata/index.ts'

declare module '../kernel/events.ts' {
  interface StageEvents {
    /** A version became the deployed one. */
    'pipelines.deployed': { readonly pipeline: string; readonly version: string; readonly at: EpochMs }
    'pipelines.run-started': { readonly run: Run }
    'pipelines.step-finished': { readonly run: Run; readonly step: StepRecord }
    'pipelines.run-finished': { readonly run: Run }
    /** An alias of a model points to another version now. */
    'pipelines.model-promoted': {
      readonly model: string
      readonly version: number
      readonly alias: string
      readonly runId: string
      readonly at: EpochMs
    }
  }
}
