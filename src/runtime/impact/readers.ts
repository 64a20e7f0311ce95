import type { Contract } from '../../contract/index.ts'
import type { Expression, FeatureService, FeatureView, OnDemandView } from '../../features/index.ts'
import { CovenantError } from '../../kernel/index.ts'
import { tableName } from '../../lake/index.ts'
import { type Pipeline, readSources, sqlTextOf } from '../../pipelines/index.ts'
import type { EndpointDefinition } from '../../serving/index.ts'
import { deadLetterTopic, rawTopic, validatedTopic } from '../../topic/index.ts'
import { columnUse, type Model } from '../../warehouse/index.ts'
import type { Project } from '../project.ts'
import type { ImpactKind } from './define.ts'

/** The part of a project that data flows through. */
export type Definitions = Omit<Project, 'config'>

export interface Node {
  readonly kind: ImpactKind
  readonly name: string
}

/** Names of columns, features or fields; `null` for all of them. */
export type Columns = readonly string[] | null

/** Something that reads a node, and what of it the columns reach. */
export interface Reader extends Node {
  readonly touched: boolean
  readonly columns: Columns
}

/** Who reads a node of the project, and which of their columns hold something of `columns`; pure but for step files. */
export function readersOf(node: Node, columns: Columns, project: Definitions): readonly Reader[] {
  switch (node.kind) {
    case 'contract':
      return contractReaders(node.name, columns, project)
    case 'topic':
      return topicReaders(node.name, columns, project)
    case 'lake-table':
      return tableReaders(node.name, columns, project)
    case 'warehouse-model':
      return modelReaders(node.name, columns, project)
    case 'feature-view':
      return project.featureServices
        .filter(({ views }) => views.some(({ name }) => name === node.name))
        .map((service) =>
          reader('feature-service', service.name, columns?.map((feature) => `${node.name}__${feature}`) ?? null),
        )
    case 'feature-service':
      return serviceReaders(node.name, project)
    case 'pipeline':
      return pipelineReaders(node.name, project)
    case 'model':
      return project.endpoints
        .filter(({ model, shadows }) => model === node.name || shadows.some((shadow) => shadow.model === node.name))
        .map(({ name }) => reader('endpoint', name, null))
    case 'endpoint':
      return endpointReaders(node.name, project)
    case 'monitor':
      return project.triggers
        .filter(({ on }) => on.some((source) => source.kind === 'metric' && source.monitor === node.name))
        .map(({ name }) => reader('trigger', name, null))
    case 'trigger':
      return project.triggers
        .filter(({ name }) => name === node.name)
        .map(({ pipeline }) => reader('pipeline', pipeline, null))
  }
}

function reader(kind: ImpactKind, name: string, columns: Columns): Reader {
  return { kind, name, touched: columns === null || columns.length > 0, columns }
}

/** Both ways of reading: `columns` of it are used for values, `rows` decide what is there at all. */
function byFields(kind: ImpactKind, name: string, used: readonly string[], columns: Columns): Reader {
  const found = columns === null ? null : used.filter((field) => columns.includes(field))
  return { kind, name, touched: found === null || found.length > 0, columns: null }
}

function contractReaders(topic: string, columns: Columns, project: Definitions): readonly Reader[] {
  const own = project.contracts.find((contract) => contract.topic === topic)
  const related = project.contracts.filter(
    (other) => other.topic !== topic && own !== undefined && refersTo(other, own, columns),
  )
  return [
    ...[rawTopic, validatedTopic, deadLetterTopic].map((name) => reader('topic', name(topic), columns)),
    ...related.map((other) => ({ ...reader('contract', other.topic, null), touched: true })),
  ]
}

/** A foreign key of `other`, or a source that it names, points to the contract. */
function refersTo(other: Contract, own: Contract, columns: Columns): boolean {
  const names = [own.id, own.topic, ...objectNames(own)]
  const targets = other.relationships.flatMap(({ to }) => to)
  return (
    other.lineage.sources.some((source) => names.includes(source)) ||
    targets.some((target) => {
      const name = names.find((each) => target === each || target.startsWith(`${each}.`))
      const field = name === undefined ? undefined : target.slice(name.length + 1).split('.')[0]
      return name !== undefined && (columns === null || !field || columns.includes(field))
    })
  )
}

function objectNames({ document }: Contract): readonly string[] {
  const objects = Array.isArray(document.schema) ? (document.schema as readonly unknown[]) : []
  return objects.flatMap((object) => {
    const { name, physicalName } = (object ?? {}) as { name?: unknown; physicalName?: unknown }
    return [name, physicalName].filter((text): text is string => typeof text === 'string' && text !== '')
  })
}

function topicReaders(name: string, columns: Columns, project: Definitions): readonly Reader[] {
  const topic = project.contracts.map((contract) => contract.topic).find((each) => validatedTopic(each) === name)
  if (topic === undefined) return []
  return [
    reader('lake-table', tableName(topic), columns),
    ...project.featureViews.flatMap((view) =>
      view.source.type === 'stream' && view.source.topic === topic ? [viewReader(view, columns, [])] : [],
    ),
    ...project.endpoints
      .filter(({ source }) => source.topic === topic)
      .map((endpoint) => byFields('endpoint', endpoint.name, requestFields(endpoint), columns)),
  ]
}

function tableReaders(table: string, columns: Columns, project: Definitions): readonly Reader[] {
  const topic = project.contracts.map((contract) => contract.topic).find((each) => tableName(each) === table)
  const reads = (topics: readonly string[]) => topic !== undefined && topics.includes(topic)
  return [
    ...project.models
      .filter(({ sources, increments }) => reads([...sources, ...increments]))
      .map((model) => modelReader(model, columns)),
    ...project.monitors.flatMap(({ name, label }) =>
      label !== null && reads([label.topic])
        ? [byFields('monitor', name, [label.key, ...wordsOf(label.positive)], columns)]
        : [],
    ),
    ...triggersOfRows(project, (counted) => 'topic' in counted && reads([counted.topic])),
    ...project.pipelines.flatMap((pipeline) => {
      const gated = pipeline.steps.some(
        (step) =>
          step.kind === 'data-gate' &&
          step.checks.some((check) => check.check === 'publications-current' && reads(check.topics)),
      )
      const found = sqlReader(pipeline, project, new RegExp(`\\blake\\.${table}\\b`), columns)
      if (found !== null) return [found]
      // The gate looks at the publication, not at columns: it stops the run where publishing is held.
      return gated ? [{ ...reader('pipeline', pipeline.name, null), touched: columns === null }] : []
    }),
  ]
}

function modelReaders(model: string, columns: Columns, project: Definitions): readonly Reader[] {
  return [
    ...project.models.filter(({ refs }) => refs.includes(model)).map((each) => modelReader(each, columns)),
    ...project.featureViews.flatMap((view) =>
      view.source.type === 'batch' && view.source.model === model
        ? [viewReader(view, columns, [view.source.eventTime])]
        : [],
    ),
    ...triggersOfRows(project, (counted) => 'model' in counted && counted.model === model),
    ...project.pipelines.flatMap(
      (pipeline) => sqlReader(pipeline, project, new RegExp(`\\bwarehouse\\.(?:\\w+\\.)?${model}\\b`), columns) ?? [],
    ),
  ]
}

function modelReader(model: Model, columns: Columns): Reader {
  if (columns === null) return reader('warehouse-model', model.name, null)
  const { named, outputs } = columnUse(model.sql, columns)
  return {
    kind: 'warehouse-model',
    name: model.name,
    touched: named.length > 0 || outputs?.length !== 0,
    columns: outputs,
  }
}

/** `rows`: the fields beside the entity's keys that decide which row counts for what. */
function viewReader(view: FeatureView, columns: Columns, rows: readonly string[]): Reader {
  if (columns === null || [...view.entity.keys, ...rows].some((field) => columns.includes(field)))
    return reader('feature-view', view.name, null)
  const features = Object.entries(view.features).filter(([, { field }]) => field !== null && columns.includes(field))
  return reader(
    'feature-view',
    view.name,
    features.map(([name]) => name),
  )
}

/** A pipeline whose SQL or step files name the table; `null` for one that does not. */
function sqlReader(pipeline: Pipeline, project: Definitions, table: RegExp, columns: Columns): Reader | null {
  const sources = sourcesOf(pipeline, project.directory)
  const texts = pipeline.steps.flatMap((step) => sqlTextOf(step, sources)).filter((text) => table.test(text))
  const code = Object.values(sources).some((text) => table.test(text))
  if (texts.length === 0 && !code) return null
  const uses = columns === null ? [] : texts.map((text) => columnUse(text, columns))
  const touched =
    columns === null ||
    texts.length === 0 ||
    uses.some(({ named, outputs }) => named.length > 0 || outputs?.length !== 0)
  return { kind: 'pipeline', name: pipeline.name, touched, columns: null }
}

function sourcesOf(pipeline: Pipeline, directory: string): Readonly<Record<string, string>> {
  try {
    return readSources(pipeline, directory)
  } catch (thrown) {
    // A step file that is missing is told by deploy; what reads the contract is told by the rest.
    if (thrown instanceof CovenantError) return {}
    throw thrown
  }
}

function serviceReaders(name: string, project: Definitions): readonly Reader[] {
  const trains = (pipeline: Pipeline) =>
    pipeline.steps.some((step) => step.kind === 'training-set' && step.service.name === name)
  return [
    ...project.pipelines.filter(trains).map((pipeline) => reader('pipeline', pipeline.name, null)),
    ...project.endpoints
      .filter(({ service }) => service.name === name)
      .map((endpoint) => reader('endpoint', endpoint.name, null)),
  ]
}

function pipelineReaders(name: string, project: Definitions): readonly Reader[] {
  const steps = project.pipelines.find((pipeline) => pipeline.name === name)?.steps ?? []
  const models = steps.flatMap((step) => (step.kind === 'register' ? [step.model] : []))
  return [...new Set(models)].map((model) => reader('model', model, null))
}

function endpointReaders(name: string, project: Definitions): readonly Reader[] {
  const endpoint = project.endpoints.find((each) => each.name === name)
  return [
    ...(endpoint === undefined ? [] : [reader('contract', endpoint.predictions, null)]),
    ...project.monitors
      .filter((monitor) => monitor.endpoint.name === name)
      .map((monitor) => reader('monitor', monitor.name, null)),
  ]
}

function triggersOfRows(
  project: Definitions,
  counts: (counted: { readonly model: string } | { readonly topic: string }) => boolean,
): readonly Reader[] {
  return project.triggers
    .filter(({ on }) => on.some((source) => source.kind === 'data' && counts(source.counted)))
    .map(({ name }) => reader('trigger', name, null))
}

/** The members of an event that an endpoint uses: its key, the keys of entities, and what on-demand features are made of. */
function requestFields({ service, source }: EndpointDefinition): readonly string[] {
  return [...new Set([source.keyField, ...serviceFields(service)])]
}

function serviceFields({ views }: FeatureService): readonly string[] {
  return views.flatMap((view: FeatureView | OnDemandView) =>
    view.kind === 'feature-view' ? view.entity.keys : Object.values(view.features).flatMap(expressionFields),
  )
}

function expressionFields(expression: Expression): readonly string[] {
  if ('field' in expression) return [expression.field]
  return 'left' in expression ? [...expressionFields(expression.left), ...expressionFields(expression.right)] : []
}

function wordsOf(sql: string): readonly string[] {
  return sql.match(/[A-Za-z_]\w*/g) ?? []
}
