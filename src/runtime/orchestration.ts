import { join } from 'node:path'
import { EmbeddedStepRunner } from '../adapters/embedded/step-runner.ts'
import { VirtualEnvironment } from '../adapters/python/environment.ts'
import { OfflineFeatures } from '../features/index.ts'
import type { Clock, EventBus } from '../kernel/index.ts'
import { Orchestrator, type PythonEnvironment } from '../pipelines/index.ts'
import type { Registry } from '../registry/index.ts'
import type { ModelScorer } from '../serving/index.ts'
import { packageRoot, pythonFile, pythonLockFile, pythonModules } from './installation.ts'
import { scoreParquet } from './score-parquet.ts'
import type { Analytics, Stores } from './stores.ts'
import { trainingSets } from './training-sets.ts'

/** What runs need, put together from the state folder's stores and this installation's Python. */
export function orchestration(parts: {
  readonly stateDir: string
  readonly stores: Stores
  readonly analytics: Analytics
  readonly registry: Registry
  readonly scorer: ModelScorer
  readonly events: EventBus
  readonly clock: Clock
}) {
  const { stateDir, stores, analytics, registry, scorer, events, clock } = parts
  const { engine, lake } = analytics
  const offline = new OfflineFeatures({ engine })
  const runner = new EmbeddedStepRunner()
  const python = installedPython()
  const orchestrator = new Orchestrator({
    pipelines: stores.pipelines,
    runs: stores.runs,
    models: stores.models,
    lineage: stores.lineage,
    artifacts: stores.artifacts,
    runner,
    python,
    trainingSets: trainingSets({ offline, lake, sla: stores.sla, registry }),
    engine,
    services: { score: scoreParquet(engine, scorer) },
    events,
    clock,
    folder: join(stateDir, 'pipelines'),
    packageRoot,
  })
  return { orchestrator, runner, python, offline }
}

/** The Python that steps run on: the virtual environment that the set-up made. */
export function installedPython(): PythonEnvironment {
  return new VirtualEnvironment({ interpreter: pythonFile(), lockFile: pythonLockFile, modules: pythonModules })
}
