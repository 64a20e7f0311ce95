import {
  databaseSchemas,
  loadProject,
  type PlannedMigration,
  planMigrations,
  writeBaselines,
  writeMigrations,
} from '../../runtime/index.ts'
import { shownPath } from '../../runtime/project.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { columns, print } from '../print.ts'
import { pick } from './pick.ts'

export interface MigrateFlags {
  readonly check?: boolean
  readonly baseline?: boolean
  readonly dropColumns?: boolean
  readonly force?: boolean
}

/** Writes the migrations that are missing, or tells which are; no database is needed but for a baseline. */
export async function contractMigrate(
  context: CommandContext,
  topics: readonly string[],
  { check = false, baseline = false, dropColumns = false, force = false }: MigrateFlags,
): Promise<void> {
  const project = await loadProject(context.projectDir)
  pick('topic', project.contracts, ({ topic }) => topic, topics)
  const schemas = databaseSchemas(project)
  if (baseline && !check) for (const schema of schemas) await writeBaselines(schema)
  const planned = schemas
    .flatMap((schema) => planMigrations(schema, { dropColumns }))
    .filter(({ contract, file }, index, all) => {
      const isAsked = topics.length === 0 || topics.includes(contract.topic)
      return isAsked && all.findIndex((each) => each.file === file) === index
    })
  const written = check ? [] : writeMigrations(planned, { force })
  const open = planned.filter((each) => each.state !== 'current' && !written.includes(each))
  if (open.length > 0) process.exitCode = EXIT.failed
  const reports = planned.map((each) => report(each, written.includes(each)))
  print(context, reports, () =>
    columns(
      ['contract', 'version', 'file', 'state'],
      reports.map(({ topic, version, file, state }) => [topic, version, file, state]),
      'The project pushes to no database: see "push" in docs/guides/apply.md.',
    ),
  )
}

function report({ contract, file, state, migration, table }: PlannedMigration, isWritten: boolean) {
  return {
    topic: contract.topic,
    version: contract.version,
    file: shownPath(file),
    state: isWritten ? 'written' : state,
    statements: migration.up,
    notEnforced: table.notEnforced,
  }
}
