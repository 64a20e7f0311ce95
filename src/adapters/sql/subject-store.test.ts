import { after, before } from 'node:test'
import type { Kysely } from 'kysely'
import { openPostgres, type PostgresServer, postgresSkip, startPostgres } from '../../../test/ports/postgres-server.ts'
import { subjectStoreSuite } from '../../../test/ports/subject-store.ts'
import { migrateToLatest, openKysely } from '../../kernel/index.ts'
import { SqlSubjectStore, type SubjectTables, subjectMigrations } from './subject-store.ts'

async function storeOn(database: Kysely<SubjectTables>): Promise<SqlSubjectStore> {
  await migrateToLatest(database, 'subject_migrations', subjectMigrations)
  return new SqlSubjectStore(database)
}

subjectStoreSuite('SQLite', () => storeOn(openKysely<SubjectTables>(':memory:')))

let server: PostgresServer | undefined
let databases = 0

before(async () => {
  if (postgresSkip === false) server = await startPostgres()
})
after(() => server?.stop())

subjectStoreSuite(
  'PostgreSQL',
  async (context) => {
    const database = await openPostgres<SubjectTables>(server!, `store_${databases++}`)
    context.after(() => database.destroy())
    return storeOn(database)
  },
  postgresSkip,
)
