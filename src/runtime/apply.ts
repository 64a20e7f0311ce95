import type { Contract } from '../contract/index.ts'
import type { Clock, EventBus } from '../kernel/index.ts'
import {
  type CompileOptions,
  compilePipeline,
  deploy,
  type Pipeline,
  type PipelineStore,
  type PythonEnvironment,
} from '../pipelines/index.ts'
import type { ContractChange, Registry } from '../registry/index.ts'
import { deadLetterTopic, rawTopic, type TopicLog, validatedTopic } from '../topic/index.ts'
import type { ReplayReport } from '../validation/index.ts'
import { redriveAfterApply } from './dead-letters.ts'
import type { Project } from './project.ts'
import { planTargets, type TargetPlan } from './push/plan.ts'
import { type PushProgress, refuseOpenPush, runPush } from './push/run.ts'
import type { Stores } from './stores.ts'

export interface PipelineDeployment {
  readonly pipeline: string
  readonly version: string
  readonly outcome: 'deployed' | 'unchanged'
}

export interface ApplyResult {
  readonly contracts: readonly ContractChange[]
  /** `waiting`: not deployed, because a contract was refused. */
  readonly pipelines: readonly {
    readonly pipeline: string
    readonly version: string
    readonly outcome: 'deployed' | 'unchanged' | 'waiting'
  }[]
  /** What was pushed, or would be, to databases and producers; empty unless asked for. */
  readonly pushes: readonly TargetPlan[]
  /** Of topics with open dead letters and a new contract version: how many that version accepts; replayed or not. */
  readonly deadLetters: readonly ReplayReport[]
}

export interface ApplyOptions {
  readonly planOnly: boolean
  /** Also push to the databases and producers of the project; absent where only this state folder is meant. */
  readonly push?: {
    /** Run migrations that were edited by hand. */
    readonly accept: boolean
    readonly onProgress?: (progress: PushProgress) => void
  }
  /** Replay the open dead letters that the contracts accept. */
  readonly redrive?: boolean
  /** Who; for the history of the dead letters. */
  readonly actor?: string
}

/**
 * Registers contracts, all or none, and creates the topics of each. The topics come first: a contract that is
 * registered can be produced to.
 */
export async function applyContracts(
  contracts: readonly Contract[],
  { registry, log }: { readonly registry: Registry; readonly log: TopicLog },
): Promise<readonly ContractChange[]> {
  const planned = await registry.plan(contracts)
  if (planned.some(({ outcome }) => outcome === 'refused')) return registry.apply(contracts)
  await log.createTopics(
    contracts.flatMap(({ topic }) => [rawTopic(topic), validatedTopic(topic), deadLetterTopic(topic)]),
  )
  return registry.apply(contracts)
}

interface ApplyParts {
  readonly project: Project
  readonly stores: Stores
  readonly registry: Registry
  readonly python: PythonEnvironment
  readonly events: EventBus
  readonly clock: Clock
}

/**
 * Brings what is registered, pushed and deployed to what the project declares, or tells what that would change. Where a
 * contract is refused, nothing is pushed.
 *
 * @throws CovenantError `PUSH_INCOMPLETE` where a push stops half way, and what `planTargets` throws
 */
export async function applyProject(
  parts: ApplyParts,
  { planOnly, push, redrive = false, actor = 'covenant apply' }: ApplyOptions,
): Promise<ApplyResult> {
  const { project, registry } = parts
  const planned = await registry.plan(project.contracts)
  const refused = planned.some(({ outcome }) => outcome === 'refused')
  const pushes = push === undefined || refused ? [] : await planTargets(project, push)
  const contracts = planOnly ? planned : await pushContracts(parts, planned, pushes, push)
  const pipelines = await applyPipelines(parts, { planOnly, refused })
  const deadLetters = await redriveAfterApply(parts, project.contracts, contracts, { planOnly, redrive, actor })
  return { contracts, pushes, pipelines, deadLetters }
}

async function pushContracts(
  { project, stores, registry, clock }: ApplyParts,
  planned: readonly ContractChange[],
  plans: readonly TargetPlan[],
  push: ApplyOptions['push'],
): Promise<readonly ContractChange[]> {
  let contracts = planned
  const register = async () => {
    contracts = await applyContracts(project.contracts, { registry, log: stores.log })
  }
  const refused = planned.some(({ outcome }) => outcome === 'refused')
  if (push === undefined || refused) {
    await refuseOpenPush(stores.pushes, project.contracts)
    await register()
    return contracts
  }
  const registers = planned.some(({ outcome }) => outcome === 'registered')
  await runPush({ project, store: stores.pushes, clock, register, ...push }, plans, { registers })
  // Again where the push has nothing to register, so that topics and events are as after every apply.
  if (contracts === planned) await register()
  return contracts
}

async function applyPipelines(
  { project, stores, python, events, clock }: ApplyParts,
  { planOnly, refused }: { readonly planOnly: boolean; readonly refused: boolean },
): Promise<ApplyResult['pipelines']> {
  const options = { ...compileOptions(project, python, clock), pipelines: stores.pipelines, events }
  const changes = await pipelineChanges(project.pipelines, options)
  if (!planOnly && !refused) for (const pipeline of project.pipelines) await deploy(pipeline, options)
  return changes.map((change) =>
    refused && change.outcome === 'deployed' ? { ...change, outcome: 'waiting' } : change,
  )
}

/** What the pipelines of a project are compiled with: its folder, and the contract versions they are reviewed with. */
export function compileOptions(project: Project, python: PythonEnvironment, clock: Clock): CompileOptions {
  const contracts = project.contracts.map(({ topic, version }) => `${topic}@${version}`)
  return { projectDir: project.directory, python, clock, contracts }
}

/** What deploying each pipeline does: all of them compile, or none is deployed. Nothing is stored. */
export async function pipelineChanges(
  pipelines: readonly Pipeline[],
  options: CompileOptions & { readonly pipelines: PipelineStore },
): Promise<readonly PipelineDeployment[]> {
  const changes: PipelineDeployment[] = []
  for (const pipeline of pipelines) {
    const { version } = await compilePipeline(pipeline, options)
    const before = await options.pipelines.deployed(pipeline.name)
    changes.push({ pipeline: pipeline.name, version, outcome: before?.version === version ? 'unchanged' : 'deployed' })
  }
  return changes
}
