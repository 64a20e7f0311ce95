import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Contract, type Problem, parseContract } from '../contract/index.ts'
import type { Entity, FeatureService, FeatureView, OnDemandView } from '../features/index.ts'
import { CovenantError, messageOf, type ProjectConfig } from '../kernel/index.ts'
import type { Monitor } from '../monitoring/index.ts'
import type { Pipeline } from '../pipelines/index.ts'
import type { EndpointDefinition } from '../serving/index.ts'
import type { Trigger } from '../triggers/index.ts'
import { type Model, parseModel } from '../warehouse/index.ts'

/** What a project's modules may export; recognised by `kind`, whatever the export is called. */
export interface Definitions {
  readonly entity: Entity
  readonly 'feature-view': FeatureView
  readonly 'on-demand-view': OnDemandView
  readonly 'feature-service': FeatureService
  readonly pipeline: Pipeline
  readonly trigger: Trigger
  readonly endpoint: EndpointDefinition
  readonly monitor: Monitor
}

/** Everything a project declares, as frozen data. */
export interface Project {
  readonly directory: string
  readonly config: ProjectConfig
  readonly contracts: readonly Contract[]
  readonly models: readonly Model[]
  readonly featureViews: readonly FeatureView[]
  readonly featureServices: readonly FeatureService[]
  readonly pipelines: readonly Pipeline[]
  readonly triggers: readonly Trigger[]
  readonly endpoints: readonly EndpointDefinition[]
  readonly monitors: readonly Monitor[]
}

const CODE_FOLDERS = ['features', 'pipelines', 'serving', 'monitors'] as const

/**
 * Reads a project's folder: its configuration, contracts, models and definitions. Nothing is run or changed.
 *
 * Throws `PROJECT_NOT_FOUND`, `PROJECT_FILE_INVALID`, `PROJECT_NAME_TWICE`, and `CONTRACT_INVALID` with all problems.
 */
export async function loadProject(directory: string): Promise<Project> {
  const root = resolve(directory)
  const config = await loadConfig(root)
  const definitions = await loadDefinitions(root)
  return Object.freeze({
    directory: root,
    config,
    contracts: loadContracts(join(root, 'contracts')),
    models: loadModels(join(root, 'models')),
    featureViews: definitions['feature-view'],
    featureServices: definitions['feature-service'],
    pipelines: definitions.pipeline,
    triggers: definitions.trigger,
    endpoints: definitions.endpoint,
    monitors: definitions.monitor,
  })
}

async function loadConfig(root: string): Promise<ProjectConfig> {
  const file = join(root, 'covenant.config.ts')
  if (!existsSync(file))
    throw new CovenantError({
      code: 'PROJECT_NOT_FOUND',
      message: 'No covenant.config.ts was found, so this is not a Covenant project.',
      where: root,
      remedy: 'Go to the project, or name it with --project DIR.',
    })
  const found = (await importModule(file)).find((value): value is ProjectConfig => kindOf(value) === 'project')
  if (found) return found
  throw new CovenantError({
    code: 'PROJECT_FILE_INVALID',
    message: 'covenant.config.ts exports no project.',
    where: file,
    remedy: "Write `export const project = defineProject({ name: '…' })`.",
  })
}

/** Problems of all contract files of a folder, errors and warnings, file by file. */
export function lintContracts(
  folder: string,
): readonly { file: string; contract: Contract | null; problems: readonly Problem[] }[] {
  return filesOf(folder, /\.odcs\.ya?ml$/).map((file) => {
    const { contract, problems } = parseContract(readFileSync(file, 'utf8'), relative(process.cwd(), file))
    return { file, contract, problems }
  })
}

/** Reads every contract of a folder, or throws one error that lists every problem of every file. */
export function loadContracts(folder: string): readonly Contract[] {
  const results = lintContracts(folder)
  const errors = results.flatMap(({ problems }) => problems.filter(({ severity }) => severity === 'error'))
  if (errors.length > 0)
    throw new CovenantError({
      code: 'CONTRACT_INVALID',
      message: errors
        .map((problem) => `${problem.file}:${problem.line}:${problem.column} ${problem.message}`)
        .join('\n'),
      where: folder,
      remedy: 'Mend the contracts; `covenant contract lint` shows all problems.',
    })
  const contracts = results.flatMap(({ contract }) => (contract ? [contract] : []))
  refuseTwins('contract', contracts, ({ topic }) => topic, folder)
  return contracts
}

function loadModels(folder: string): readonly Model[] {
  return filesOf(folder, /\.sql$/).map((file) =>
    parseModel(file.slice(folder.length + 1).replace(/\.sql$/, ''), readFileSync(file, 'utf8')),
  )
}

type DefinitionLists = { [K in keyof Definitions]: Definitions[K][] }

async function loadDefinitions(root: string): Promise<DefinitionLists> {
  const lists: DefinitionLists = {
    entity: [],
    'feature-view': [],
    'on-demand-view': [],
    'feature-service': [],
    pipeline: [],
    trigger: [],
    endpoint: [],
    monitor: [],
  }
  for (const folder of CODE_FOLDERS)
    for (const file of filesOf(join(root, folder), /(?<!\.test)\.ts$/))
      for (const value of await importModule(file)) {
        const list = lists[kindOf(value) as keyof Definitions] as unknown[] | undefined
        if (list && !list.includes(value)) list.push(value)
      }
  for (const [kind, list] of Object.entries(lists))
    refuseTwins(kind, list as readonly { name: string }[], ({ name }) => name, root)
  return lists
}

async function importModule(file: string): Promise<readonly unknown[]> {
  try {
    return Object.values((await import(pathToFileURL(file).href)) as Record<string, unknown>)
  } catch (cause) {
    if (cause instanceof CovenantError) throw cause
    throw new CovenantError({
      code: 'PROJECT_FILE_INVALID',
      message: `The file cannot be loaded: ${messageOf(cause)}.`,
      where: file,
      remedy: 'Mend the file; `npx tsc --noEmit` in the project often shows more.',
      cause,
    })
  }
}

function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'kind' in value ? String(value.kind) : ''
}

function filesOf(folder: string, pattern: RegExp): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(folder, name))
}

function refuseTwins<T>(kind: string, list: readonly T[], nameOf: (item: T) => string, where: string): void {
  const seen = new Set<string>()
  for (const item of list) {
    const name = nameOf(item)
    if (seen.has(name))
      throw new CovenantError({
        code: 'PROJECT_NAME_TWICE',
        message: `Two definitions of kind ${kind} are called ${name}.`,
        where,
        remedy: 'Rename one of them.',
      })
    seen.add(name)
  }
}
