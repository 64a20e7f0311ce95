import { pipelineStoreSuite } from '../../../test/ports/pipeline-store.ts'
import { migrateToLatest, openKysely } from '../../kernel/index.ts'
import { type PipelineTables, pipelineMigrations, SqlPipelineStore } from './pipeline-store.ts'

pipelineStoreSuite('SQLite', async () => {
  const database = openKysely<PipelineTables>(':memory:')
  await migrateToLatest(database, 'pipelines_migrations', pipelineMigrations)
  return new SqlPipelineStore(database)
})
