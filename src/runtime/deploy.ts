import { CovenantError, EventBus, systemClock } from '../kernel/index.ts'
import { deploy } from '../pipelines/index.ts'
import { compileOptions, type PipelineDeployment, pipelineChanges } from './apply.ts'
import { registryOf } from './covenant.ts'
import { installedPython } from './orchestration.ts'
import type { Project } from './project.ts'
import type { Stores } from './stores.ts'

/**
 * Freezes pipelines of the project, all or those named, and makes them the versions that later runs execute. Contracts
 * are left as they are: a pipeline is reviewed with the contract versions of its project, so these must be registered.
 *
 * Throws `DEPLOY_CONTRACT_UNREGISTERED`, and what compiling a pipeline throws; then nothing is deployed.
 */
export async function deployPipelines(
  project: Project,
  stores: Pick<Stores, 'registryStore' | 'log' | 'pipelines'>,
  names: readonly string[] = [],
): Promise<readonly PipelineDeployment[]> {
  const chosen = project.pipelines.filter(({ name }) => names.length === 0 || names.includes(name))
  await refuseUnregistered(project, stores)
  const options = {
    ...compileOptions(project, installedPython(), systemClock),
    pipelines: stores.pipelines,
    events: new EventBus(),
  }
  const changes = await pipelineChanges(chosen, options)
  for (const pipeline of chosen) await deploy(pipeline, options)
  return changes
}

async function refuseUnregistered(project: Project, stores: Pick<Stores, 'registryStore' | 'log'>): Promise<void> {
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
