import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Contract, type ContractText, parseContractFiles } from '../contract/index.ts'
import type { Entity, FeatureService, FeatureView, OnDemandView } from '../features/index.ts'
import { CovenantError, messageOf, type ProjectConfig } from '../kernel/index.ts'
import type { Monitor } from '../monitoring/index.ts'
import type { Pipeline } from '../pipelines/index.ts'
import type { EndpointDefinition } from '../serving/index.ts'
import type { Trigger } from '../triggers/index.ts'
import { checkTopics, type Model, orderModels, parseModel } from '../warehouse/index.ts'

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
  const project = await loadDefined(directory)
  const contracts = loadContracts(join(project.directory, 'contracts'))
  checkTopics(
    project.models,
    contracts.map(({ topic }) => topic),
  )
  return Object.freeze({ ...project, contracts })
}

/**
 * Everything that a project declares but its contracts, whatever state these are in.
 *
 * Throws `PROJECT_NOT_FOUND`, `PROJECT_FILE_INVALID` and `PROJECT_NAME_TWICE`.
 */
export async function loadDefined(directory: string): Promise<Omit<Project, 'contracts'>> {
  const root = resolve(directory)
  const config = await loadConfig(root)
  const definitions = await loadDefinitions(root)
  return {
    directory: root,
    config,
    models: orderModels(loadModels(join(root, 'models'))),
    featureViews: definitions['feature-view'],
    featureServices: definitions['feature-service'],
    pipelines: definitions.pipeline,
    triggers: definitions.trigger,
    endpoints: definitions.endpoint,
    monitors: definitions.monitor,
  }
}

async function loadConfig(root: string): Promise<ProjectConfig> {
  refuseNoProject(root)
  const file = join(root, 'covenant.config.ts')
  const found = (await importModule(file)).find((value): value is ProjectConfig => kindOf(value) === 'project')
  if (found) return found
  throw new CovenantError({
    code: 'PROJECT_FILE_INVALID',
    message: 'covenant.config.ts exports no project.',
    where: file,
    remedy: "Write `export const project = defineProject({ name: '…' })`.",
  })
}

/** Throws `PROJECT_NOT_FOUND` for a folder without a `covenant.config.ts`. */
export function refuseNoProject(directory: string): void {
  if (existsSync(join(directory, 'covenant.config.ts'))) return
  throw new CovenantError({
    code: 'PROJECT_NOT_FOUND',
    message: 'No covenant.config.ts was found, so this is not a Covenant project.',
    where: directory,
    remedy: 'Go to the project, or name it with --project DIR.',
  })
}

/** Problems of all contract files of a folder, errors and warnings, file by file, and their contracts. */
export function lintContracts(folder: string): ReturnType<typeof parseContractFiles> {
  return parseContractFiles(contractTexts(folder))
}

const CONTRACT_FILE = /\.odcs\.ya?ml$/

/** The contract files of a folder, and of the folders in it unless it is taken `flat`. */
export function contractTexts(folder: string, depth: 'flat' | 'deep' = 'deep'): readonly ContractText[] {
  return filesOf(folder, CONTRACT_FILE, depth === 'deep').map((path) => ({
    file: shownPath(resolve(path)),
    text: readFileSync(path, 'utf8'),
  }))
}

const PROBLEMS_SHOWN_MAX = 5

/** Reads every contract of a folder, or throws one error that tells the first problems and counts the others. */
export function loadContracts(folder: string): readonly Contract[] {
  const results = lintContracts(folder)
  const errors = results.flatMap(({ problems }) => problems.filter(({ severity }) => severity === 'error'))
  if (errors.length === 0) return results.flatMap(({ contracts }) => contracts)
  const lines = errors
    .slice(0, PROBLEMS_SHOWN_MAX)
    .map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`)
  const more = errors.length - lines.length
  throw new CovenantError({
    code: 'CONTRACT_INVALID',
    message: [...lines, ...(more > 0 ? [`and ${more} more problems`] : [])].join('\n'),
    where: folder,
    remedy: 'Mend the contracts; `covenant contract lint` shows all problems.',
  })
}

/** Relative to the working directory where it lies in it. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short
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
  const files = new Map<unknown, string>()
  for (const folder of CODE_FOLDERS)
    for (const file of filesOf(join(root, folder), /(?<!\.test)\.ts$/))
      for (const value of await importModule(file)) {
        const list = lists[kindOf(value) as keyof Definitions] as { name: string }[] | undefined
        if (!list || files.has(value)) continue
        const twin = list.find(({ name }) => name === (value as { name: string }).name)
        if (twin) throw twins(kindOf(value), twin.name, [shownPath(files.get(twin)!), shownPath(file)])
        list.push(value as { name: string })
        files.set(value, file)
      }
  return lists
}

async function importModule(file: string): Promise<readonly unknown[]> {
  try {
    return Object.values((await import(pathToFileURL(file).href)) as Record<string, unknown>)
  } catch (cause) {
    if (cause instanceof CovenantError) throw cause
    throw new CovenantError({
      code: 'PROJECT_FILE_INVALID',
      message: `The file cannot be loaded: ${messageOf(cause).replace(/\.$/, '')}.`,
      where: placeOf(cause, file),
      remedy: 'Mend the file; `npx tsc --noEmit` in the project often shows more.',
      cause,
    })
  }
}

/** `file:line` where the error tells the line. */
function placeOf(thrown: unknown, file: string): string {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const at = stack.indexOf(`${file}:`)
  const line = at < 0 ? undefined : /^\d+/.exec(stack.slice(at + file.length + 1))?.[0]
  return line ? `${file}:${line}` : file
}

function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'kind' in value ? String(value.kind) : ''
}

function filesOf(folder: string, pattern: RegExp, recursive = true): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive, encoding: 'utf8' })
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(folder, name))
}

function twins(kind: string, name: string, files: readonly string[]): CovenantError {
  return new CovenantError({
    code: 'PROJECT_NAME_TWICE',
    message: `Two definitions of kind ${kind} are called ${name}.`,
    where: [...new Set(files)].join(' and '),
    remedy: 'Rename one of them.',
  })
}
