import { after, before } from 'node:test'
import type { Kysely } from 'kysely'
import { subjectStoreSuite } from '../../../test/ports/subject-store.ts'
import { openPostgres, type PostgresServer, postgresPrograms, startPostgres } from '../../../test/postgres-server.ts'
import { migrateToLatest, openKysely } from '../../kernel/index.ts'
import { SqlSubjectStore, type SubjectTables, subjectMigrations } from './subject-store.ts'

async function storeOn(database: Kysely<SubjectTables>): Promise<SqlSubjectStore> {
  await migrateToLatest(database, 'subject_migrations', subjectMigrations)
  return new SqlSubjectStore(database)
}

subjectStoreSuite('SQLite', () => storeOn(openKysely<SubjectTables>(':memory:')))

const programs = postgresPrograms()
let server: PostgresServer | undefined
let databases = 0

before(async () => {
  if (programs !== null) server = await startPostgres(programs)
})
after(() => server?.stop())

subjectStoreSuite(
  'PostgreSQL',
  async (context) => {
    const database = await openPostgres<SubjectTables>(server!.url, `store_${databases++}`)
    context.after(() => database.destroy())
    return storeOn(database)
  },
  programs === null && 'this machine has no PostgreSQL',
)
