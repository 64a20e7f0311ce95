import { deadLetterMigrations, SqlDeadLetterStore } from '../adapters/sql/dead-letter-store.ts'
import { levelMigrations, SqlLevelStore } from '../adapters/sql/level-store.ts'
import { lineageMigrations, SqlLineageStore } from '../adapters/sql/lineage-store.ts'
import { modelRegistryMigrations, SqlModelRegistry } from '../adapters/sql/model-registry.ts'
import { monitorMigrations, SqlMonitorStore } from '../adapters/sql/monitor-store.ts'
import { pauseMigrations, SqlPauseStore } from '../adapters/sql/pause-store.ts'
import { pipelineMigrations, SqlPipelineStore } from '../adapters/sql/pipeline-store.ts'
import { pushMigrations, SqlPushStore } from '../adapters/sql/push-store.ts'
import { registryMigrations, SqlRegistryStore } from '../adapters/sql/registry-store.ts'
import { runMigrations, SqlRunStore } from '../adapters/sql/run-store.ts'
import { SqlSlaStore, slaMigrations } from '../adapters/sql/sla-store.ts'
import { SqlStateStore, stateMigrations } from '../adapters/sql/state-store.ts'
import { SqlSubjectStore, subjectMigrations } from '../adapters/sql/subject-store.ts'
import { SqlTriggerLedger, triggerMigrations } from '../adapters/sql/trigger-ledger.ts'
import { type Durability, migrateToLatest, openKysely } from '../kernel/index.ts'

/** Opens the one database that all metadata stores share, with every stage's tables at their newest layout. */
export async function openMetadataDatabase(file: string, durability: Durability) {
  // biome-ignore lint/suspicious/noExplicitAny: each store knows its own tables of the shared database
  const database = openKysely<any>(file, durability)
  const migrations = {
    registry: registryMigrations,
    dead_letter: deadLetterMigrations,
    pause: pauseMigrations,
    subjects: subjectMigrations,
    push: pushMigrations,
    sla: slaMigrations,
    levels: levelMigrations,
    runs: runMigrations,
    models: modelRegistryMigrations,
    lineage: lineageMigrations,
    state: stateMigrations,
    pipelines: pipelineMigrations,
    monitors: monitorMigrations,
    triggers: triggerMigrations,
  }
  for (const [stage, steps] of Object.entries(migrations)) await migrateToLatest(database, `${stage}_migrations`, steps)
  return {
    registryStore: new SqlRegistryStore(database),
    deadLetters: new SqlDeadLetterStore(database),
    pauses: new SqlPauseStore(database),
    pushes: new SqlPushStore(database),
    subjectStore: new SqlSubjectStore(database),
    sla: new SqlSlaStore(database),
    levels: new SqlLevelStore(database),
    runs: new SqlRunStore(database),
    models: new SqlModelRegistry(database),
    lineage: new SqlLineageStore(database),
    state: new SqlStateStore(database),
    pipelines: new SqlPipelineStore(database),
    monitors: new SqlMonitorStore(database),
    ledger: new SqlTriggerLedger(database),
    closeMetadata: () => database.destroy(),
  }
}
