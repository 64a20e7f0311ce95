/** Which contract versions are approved, their look-up by every hop, and the subjects of the schema registry. */
export type { ContractChange, RegisteredContract } from './define.ts'
export type {
  AppliedMigration,
  ContractDatabase,
  ContractVersion,
  DatabaseMigration,
  Push,
  PushedFile,
  PushStep,
  PushStore,
  RegistryStore,
  SubjectStore,
  TableDrift,
} from './ports.ts'
export { Registry, type RegistryOptions } from './run.ts'
export { clientJsonSchema } from './subjects/client-json-schema.ts'
export type { TopicNames } from './subjects/contract-schemas.ts'
export {
  COMPATIBILITY_LEVELS,
  MODES,
  RULE_KINDS,
  RULE_MODES,
  SCHEMA_TYPES,
  type SchemaContent,
  type SchemaRequest,
  type SubjectConfig,
  type SubjectSchema,
} from './subjects/define.ts'
export { joinSubject, normalSubject, splitSubject } from './subjects/names.ts'
export { candidateOf, findSchema, inFormat, misfits } from './subjects/plan.ts'
export type { ConfigUpdate } from './subjects/plan-settings.ts'
export { refuse, SubjectRefusal } from './subjects/refusal.ts'
export { Subjects } from './subjects/run.ts'
export type { Deleted, SubjectView } from './subjects/view.ts'
