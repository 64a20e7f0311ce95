import { VirtualEnvironment } from '../adapters/python/environment.ts'
import { CovenantError, EventBus, systemClock } from '../kernel/index.ts'
import { compilePipeline, deploy } from '../pipelines/index.ts'
import { registryOf } from './covenant.ts'
import { pythonFile, pythonLockFile, pythonModules } from './installation.ts'
import type { Project } from './project.ts'
import type { Stores } from './stores.ts'

export interface PipelineDeployment {
  readonly pipeline: string
  readonly version: string
  readonly outcome: 'deployed' | 'unchanged'
}

/**
 * Freezes pipelines of the project, all or those named, and makes them the versions that later runs execute. Contracts
 * are left as they are: a pipeline is reviewed with the contract versions of its project, so these must be registered.
 *
 * Throws `DEPLOY_CONTRACT_UNREGISTERED`, and what compiling a pipeline throws; then nothing is deployed.
 */
export async function deployPipelines(
  project: Project,
  stores: Pick<Stores, 'registryStore' | 'pipelines'>,
  names: readonly string[] = [],
): Promise<readonly PipelineDeployment[]> {
  const chosen = project.pipelines.filter(({ name }) => names.length === 0 || names.includes(name))
  await refuseUnregistered(project, stores)
  const options = {
    projectDir: project.directory,
    python: new VirtualEnvironment({ interpreter: pythonFile(), lockFile: pythonLockFile, modules: pythonModules }),
    clock: systemClock,
    contracts: project.contracts.map(({ topic, version }) => `${topic}@${version}`),
  }
  const results: PipelineDeployment[] = []
  for (const pipeline of chosen) {
    const { version } = await compilePipeline(pipeline, options)
    const before = await stores.pipelines.deployed(pipeline.name)
    results.push({ pipeline: pipeline.name, version, outcome: before?.version === version ? 'unchanged' : 'deployed' })
  }
  for (const pipeline of chosen)
    await deploy(pipeline, { ...options, pipelines: stores.pipelines, events: new EventBus() })
  return results
}

async function refuseUnregistered(project: Project, stores: Pick<Stores, 'registryStore'>): Promise<void> {
  const registry = registryOf(stores, systemClock)
  for (const { topic, version } of project.contracts) {
    if (await registry.version(topic, version)) continue
    const newest = (await registry.latest(topic))?.contract.version
    throw new CovenantError({
      code: 'DEPLOY_CONTRACT_UNREGISTERED',
      message: `Version ${version} of the contract ${topic} is not registered; the newest registered one is ${newest ?? 'none'}.`,
      where: project.directory,
      remedy: 'Register the contracts first: covenant apply, which deploys the pipelines as well.',
    })
  }
}
