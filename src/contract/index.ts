/** Data contracts: ODCS documents read, checked, compared and compiled for every engine that executes them. */
export { contractChanges, requiredBump } from './compare/changes.ts'
export { compatibility } from './compare/index.ts'
export { checkCompatibility } from './compare/modes.ts'
export {
  canonicalSchema,
  parseSchema,
  type SchemaFormat,
  type SchemaReason,
  type SchemaReference,
  type SchemaText,
  type SchemaVerdict,
  schemaCompatibility,
} from './compare/schemas.ts'
export type * from './define.ts'
export { type Draft, type ImportNote, writeDraft } from './import/draft.ts'
export { IMPORT_FORMATS, type ImportFormat, importDrafts, importFormatOf } from './import/index.ts'
export { columnsSql, evidenceOf, hasFewValues, type SourceColumn, valuesSql } from './infer/columns.ts'
export { DocumentObserver } from './infer/documents.ts'
export { draftOfEvidence } from './infer/evidence.ts'
export { compareMoments, isMoment, MOMENT_PATTERNS, type MomentType } from './moment.ts'
export { PROPERTY_NAMES, propertySchema } from './odcs/structure.ts'
export { type Automaton, compileAutomaton } from './pattern/automaton.ts'
export { type BoundedPattern, compilePattern } from './pattern/bounded-pattern.ts'
export { re2Pattern } from './pattern/re2.ts'
export { acceptsRecord, brokenRules } from './plan/accepts-record.ts'
export { compileAvro } from './plan/avro.ts'
export { compileColumns } from './plan/columns.ts'
export { type CompiledRule, compileRule } from './plan/expression/compile.ts'
export type { Constant, Expression, ScalarType } from './plan/expression/define.ts'
export { fieldsRead } from './plan/expression/fields-read.ts'
export { toInstant } from './plan/expression/instant.ts'
export { sqlOfExpression, sqlOfRule } from './plan/expression/sql.ts'
export { columnRow, jsonRow, type SqlRow } from './plan/expression/sql-row.ts'
export { compileJsonSchema, type JsonSchema } from './plan/json-schema.ts'
export type {
  MigrationEffect,
  NotEnforced,
  PostgresColumn,
  PostgresConstraint,
  PostgresTable,
} from './plan/postgres/define.ts'
export { compilePostgresTable } from './plan/postgres/index.ts'
export {
  type MigrationStatement,
  planMigration,
  planRevert,
} from './plan/postgres/migration.ts'
export {
  type MigrationFile,
  type MigrationStep,
  migrationFile,
  splitMigration,
} from './plan/postgres/migration-file.ts'
export {
  generateProducers,
  PRODUCER_LANGUAGES,
  type ProducerLanguage,
  type ProducerModule,
} from './plan/producers.ts'
export { compilePython } from './plan/python/index.ts'
export {
  type ColumnCheck,
  type ColumnChecks,
  type ColumnFault,
  compileColumnChecks,
  compileRuleChecks,
  type FieldColumn,
  lakeValue,
  memberJson,
  type OwnJudgement,
  type RuleCheck,
  type SchemaCheck,
  schemaChecks,
  type TestColumn,
} from './plan/sql-checks/index.ts'
export { compileTypeScript } from './plan/typescript.ts'
export { compileValidationPlan } from './plan/validation-plan.ts'
export { formatProblem, type Problem } from './problem.ts'
export { type ContractText, parseContractFiles } from './read/files.ts'
export { type ContractFile, parseContract, parseContracts, readContract, readRegistered } from './read/index.ts'
export { locate } from './read/locate.ts'
export { LEVEL_PROPERTIES, type LevelKind, type LevelProperty, levelKind, levelTarget } from './service-level.ts'
export { isReference, REFERENCE, resolveServer, resolveServers, type Variables } from './variables.ts'
export { compareVersions, versionParts } from './version.ts'
export { formatContract, writeContract } from './write/index.ts'
