/** What makes a pipeline run: signals, the one policy they pass through, and the ledger that keeps them all. */
import './events.ts'

export {
  adHoc,
  cron,
  data,
  defineTrigger,
  metric,
  type Policy,
  type PolicyDefinition,
  type SignalSourceDefinition,
  type Trigger,
} from './define.ts'
export { decide } from './plan/decide.ts'
export type {
  CountedRows,
  LedgerEntry,
  PublishedRows,
  RunStart,
  Signal,
  SignalKind,
  SignalOutcome,
  StartRun,
  TriggerLedger,
} from './ports.ts'
export { TriggerEngine, type TriggerEngineOptions } from './run/engine.ts'
export { SqlPublishedRows, type SqlPublishedRowsOptions } from './run/published-rows.ts'
