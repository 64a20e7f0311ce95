import { type Clock, CovenantError, type EventBus, messageOf, quoteText } from '../kernel/index.ts'
import { type LakeStore, type SqlEngine, tableName } from '../lake/index.ts'
import type { Model } from './define.ts'
import { replaceInputs } from './parse.ts'
import { orderModels } from './plan.ts'
import type { Publications } from './ports.ts'

const SCHEMA = 'warehouse.main'
/** Which snapshot of each input table a model has, and from which text it was built. */
const BUILDS = `${SCHEMA}._covenant_builds`

export interface WarehouseOptions {
  readonly engine: SqlEngine
  readonly lake: LakeStore
  readonly publications: Publications
  readonly clock: Clock
  readonly events: EventBus
}

/** What a build did to one model. */
export interface ModelBuild {
  readonly model: string
  readonly outcome: 'built' | 'unchanged' | 'waiting'
  /** Rows of the model after the build; 0 while it waits, and for a view. */
  readonly rows: number
  readonly sources: readonly { readonly table: string; readonly snapshotId: number }[]
}

/** What is recorded of a model's last build. */
interface Built {
  readonly hash: string
  /** Snapshot by lake table. */
  readonly snapshots: ReadonlyMap<string, number>
}

/**
 * Builds the models from published data. Rows and the record of what they were built from change in one transaction, so
 * a build that died is simply run again, and an incremental model sees each published row once.
 */
export class Warehouse {
  readonly #options: WarehouseOptions
  #told = false

  constructor(options: WarehouseOptions) {
    this.#options = options
  }

  /**
   * Builds every model of which an input or the text is new, all of them or none. A model waits while one of its topics
   * has never been published, and so do the models that refer to it.
   *
   * @throws WAREHOUSE_MODEL_FAILED, WAREHOUSE_MODEL_UNKNOWN, WAREHOUSE_MODEL_CYCLE
   */
  async build(models: readonly Model[]): Promise<readonly ModelBuild[]> {
    const ordered = orderModels(models)
    if (ordered.length === 0) return []
    const { engine, events } = this.#options
    await engine.execute(
      `CREATE TABLE IF NOT EXISTS ${BUILDS} (model VARCHAR, hash VARCHAR, input VARCHAR, snapshot_id BIGINT)`,
    )
    const published = await this.#published()
    const builds = await engine.transaction(async (transaction) => {
      const before = await lastBuilds(transaction)
      const done = new Map<string, ModelBuild>()
      const progress = { published, before, done, news: new Set<string>() }
      for (const model of ordered) done.set(model.name, await this.#buildOne(transaction, model, progress))
      return [...done.values()]
    })
    // The process may have died between a build and its event: after a start the models are told of again.
    for (const { model, outcome, rows, sources } of builds)
      if (outcome === 'built' || (outcome === 'unchanged' && !this.#told))
        await events.emit('warehouse.model-built', this.#news(models, model, rows, sources))
    this.#told = true
    return builds
  }

  #news(models: readonly Model[], name: string, rows: number, sources: ModelBuild['sources']) {
    const { hash, refs } = models.find((model) => model.name === name)!
    return { model: name, hash, rows, sources, refs, at: this.#options.clock.now() }
  }

  async #published(): Promise<ReadonlyMap<string, number>> {
    const publications = await this.#options.publications.publications()
    const started = publications.filter(({ snapshotId }) => snapshotId > 0)
    return new Map(started.map(({ table, snapshotId }) => [table, snapshotId]))
  }

  async #buildOne(engine: SqlEngine, model: Model, progress: Progress): Promise<ModelBuild> {
    const { published, before, done, news } = progress
    const tables = [...new Set([...model.sources, ...model.increments])].map(tableName)
    const inputs = new Map(tables.map((table) => [table, published.get(table) ?? 0]))
    const sources = [...inputs].map(([table, snapshotId]) => ({ table, snapshotId }))
    const waits = [...inputs.values()].includes(0) || model.refs.some((ref) => done.get(ref)?.outcome === 'waiting')
    if (waits) return { model: model.name, outcome: 'waiting', rows: 0, sources }
    const built = before.get(model.name)
    const outcome = isFresh(model, inputs, built, news) ? 'built' : 'unchanged'
    if (outcome === 'built')
      await this.#write(engine, model, inputs, built?.hash === model.hash ? built : undefined).catch((cause) =>
        Promise.reject(failed(model, cause)),
      )
    // A view follows the models that it refers to by itself; the tables behind it do not.
    if (outcome === 'built' || (model.materialization === 'view' && model.refs.some((ref) => news.has(ref))))
      news.add(model.name)
    // Counting a view would run it; only what is stored is counted.
    const rows = model.materialization === 'view' ? 0 : await count(engine, model)
    return { model: model.name, outcome, rows, sources }
  }

  /** `built` is the state to go on from; `undefined` builds the model from scratch. */
  async #write(
    engine: SqlEngine,
    model: Model,
    inputs: ReadonlyMap<string, number>,
    built: Built | undefined,
  ): Promise<void> {
    const { lake } = this.#options
    const sql = replaceInputs(model.name, model.sql, (kind, argument) => {
      if (kind === 'ref') return `${SCHEMA}.${argument}`
      const table = tableName(argument)
      const snapshot = inputs.get(table) ?? 0
      if (kind === 'source') return lake.relationAt(table, snapshot)
      return lake.relationBetween(table, built?.snapshots.get(table) ?? 0, snapshot)
    })
    const target = `${SCHEMA}.${model.name}`
    if (built === undefined) await dropOther(engine, model)
    // `query` takes one statement: a model that holds a second one is refused.
    if (model.materialization === 'view') await engine.query(`CREATE OR REPLACE VIEW ${target} AS ${sql}`)
    else if (model.materialization === 'table' || built === undefined)
      await engine.query(`CREATE OR REPLACE TABLE ${target} AS ${sql}`)
    else await engine.query(`INSERT INTO ${target} BY NAME ${sql}`)
    // The record of a model without topics of its own still says from which text it was built.
    const record = [...(inputs.size > 0 ? inputs : new Map([['', 0]]))]
      .map(
        ([table, snapshot]) => `(${quoteText(model.name)}, ${quoteText(model.hash)}, ${quoteText(table)}, ${snapshot})`,
      )
      .join(', ')
    await engine.execute(
      `DELETE FROM ${BUILDS} WHERE model = ${quoteText(model.name)}; INSERT INTO ${BUILDS} VALUES ${record}`,
    )
  }
}

/** How far a build has got. */
interface Progress {
  readonly published: ReadonlyMap<string, number>
  readonly before: ReadonlyMap<string, Built>
  readonly done: ReadonlyMap<string, ModelBuild>
  /** Models whose rows are others than before this build. */
  readonly news: Set<string>
}

/** A view follows the models that it refers to by itself; it is written anew only for its text and its topics. */
function isFresh(
  model: Model,
  inputs: ReadonlyMap<string, number>,
  built: Built | undefined,
  news: ReadonlySet<string>,
): boolean {
  if (built?.hash !== model.hash) return true
  if ([...inputs].some(([table, snapshot]) => built.snapshots.get(table) !== snapshot)) return true
  return model.materialization === 'table' && model.refs.some((ref) => news.has(ref))
}

async function lastBuilds(engine: SqlEngine): Promise<ReadonlyMap<string, Built>> {
  const builds = new Map<string, { hash: string; snapshots: Map<string, number> }>()
  for (const row of await engine.query(`SELECT model, hash, input, snapshot_id FROM ${BUILDS}`)) {
    const build = builds.get(String(row.model)) ?? { hash: String(row.hash), snapshots: new Map() }
    build.snapshots.set(String(row.input), Number(row.snapshot_id))
    builds.set(String(row.model), build)
  }
  return builds
}

async function count(engine: SqlEngine, model: Model): Promise<number> {
  const [row] = await engine.query(`SELECT count(*) AS rows FROM ${SCHEMA}.${model.name}`)
  return Number(row!.rows)
}

/** A model that was a view may become a table, and the reverse. */
async function dropOther(engine: SqlEngine, model: Model): Promise<void> {
  const [row] = await engine.query(
    `SELECT (SELECT count(*) FROM duckdb_views() WHERE database_name = 'warehouse' AND schema_name = 'main' AND view_name = $1) AS views,
            (SELECT count(*) FROM duckdb_tables() WHERE database_name = 'warehouse' AND schema_name = 'main' AND table_name = $1) AS tables`,
    [model.name],
  )
  if (Number(row!.views) > 0 && model.materialization !== 'view')
    await engine.execute(`DROP VIEW ${SCHEMA}.${model.name}`)
  if (Number(row!.tables) > 0 && model.materialization === 'view')
    await engine.execute(`DROP TABLE ${SCHEMA}.${model.name}`)
}

function failed(model: Model, cause: unknown): CovenantError {
  return new CovenantError({
    code: 'WAREHOUSE_MODEL_FAILED',
    message: `The model ${model.name} cannot be built: ${messageOf(cause)}`,
    where: `models/${model.name}.sql`,
    remedy: 'Mend its SQL; nothing of it was changed.',
    cause,
  })
}
