import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EmbeddedArtifactStore } from '../../src/adapters/embedded/artifact-store.ts'
import { openDuckDb } from '../../src/adapters/embedded/duckdb.ts'
import { EmbeddedStepRunner } from '../../src/adapters/embedded/step-runner.ts'
import { VirtualEnvironment } from '../../src/adapters/python/environment.ts'
import { lineageMigrations, SqlLineageStore } from '../../src/adapters/sql/lineage-store.ts'
import { modelRegistryMigrations, SqlModelRegistry } from '../../src/adapters/sql/model-registry.ts'
import { pipelineMigrations, SqlPipelineStore } from '../../src/adapters/sql/pipeline-store.ts'
import { runMigrations, SqlRunStore } from '../../src/adapters/sql/run-store.ts'
import { EventBus, migrateToLatest, openKysely, VirtualClock } from '../../src/kernel/index.ts'
import {
  deploy,
  Orchestrator,
  type Pipeline,
  type PublishedTable,
  type PythonEnvironment,
  type StepServices,
} from '../../src/pipelines/index.ts'

const packageRoot = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '')
export const projectDir = join(packageRoot, 'test', 'pipelines', 'project')
export const START = Date.parse('2013-02-01T00:00:00Z')

/** Real stores, engine and Python in one state folder; the same folder can be opened again. */
export async function openTestbed(folder: string, services: StepServices = noScorer) {
  // biome-ignore lint/suspicious/noExplicitAny: each store knows its own tables of the shared database
  const database = openKysely<any>(join(folder, 'metadata.db'), 'process')
  const migrations = {
    runs: runMigrations,
    models: modelRegistryMigrations,
    lineage: lineageMigrations,
    pipelines: pipelineMigrations,
  }
  for (const [name, steps] of Object.entries(migrations)) await migrateToLatest(database, `${name}_migrations`, steps)
  const duckdb = await openDuckDb({
    warehouseFile: join(folder, 'warehouse.duckdb'),
    lakeCatalogFile: join(folder, 'lake', 'catalog.sqlite'),
    lakeDataDir: join(folder, 'lake', 'data'),
    extensionDirs: [join(packageRoot, '.venv')],
  })
  const published: { tables: PublishedTable[] } = { tables: [publishedTable(1)] }
  const installed = { interpreter: pythonPath(), lockFile: join(packageRoot, 'python', 'requirements.txt') }
  const events = new EventBus()
  const clock = new VirtualClock(START)
  const runner = new EmbeddedStepRunner()
  const environment = () => new VirtualEnvironment({ ...installed, modules: join(packageRoot, 'python') })
  const python: PythonEnvironment = {
    interpreter: () => environment().interpreter(),
    hash: () => environment().hash(),
    variables: () => environment().variables(),
  }
  const stores = {
    runs: new SqlRunStore(database),
    models: new SqlModelRegistry(database),
    lineage: new SqlLineageStore(database),
    pipelines: new SqlPipelineStore(database),
    artifacts: new EmbeddedArtifactStore(join(folder, 'artifacts')),
  }
  const orchestrator = new Orchestrator({
    ...stores,
    runner,
    python,
    engine: duckdb.engine,
    trainingSets: {
      writeTrainingSet: (_service, spineSql, path) => duckdb.engine.writeParquet(spineSql, path),
      dataVersion: async () => published.tables,
    },
    services,
    events,
    clock,
    folder: join(folder, 'pipelines'),
    packageRoot,
  })
  return {
    ...stores,
    orchestrator,
    events,
    clock,
    runner,
    engine: duckdb.engine,
    /** What is published; tests change it. */
    published,
    /** Where Python and its lock file are; tests change it. */
    installed,
    deploy: (pipeline: Pipeline, from = projectDir, contracts = ['things@1.0.0']) =>
      deploy(pipeline, { projectDir: from, python, clock, contracts, pipelines: stores.pipelines, events }),
    async close() {
      runner.stop()
      await duckdb.close()
      await database.destroy()
    },
  }
}

/** The thresholds of these tests are scored in SQL. */
const noScorer: StepServices = { score: async () => new Float64Array() }

export type Testbed = Awaited<ReturnType<typeof openTestbed>>

export function publishedTable(snapshotId: number): PublishedTable {
  return {
    table: 'things',
    topic: 'things',
    snapshotId,
    publishedAt: START - 3_600_000,
    heldSince: null,
    contractVersions: ['1.0.0'],
  }
}

function pythonPath(): string {
  const inside = join(packageRoot, '.venv', 'bin', 'python')
  return existsSync(inside) ? inside : '/usr/bin/python3'
}
