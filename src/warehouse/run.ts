import { type Clock, CovenantError, type EventBus, messageOf } from '../kernel/index.ts'
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
  /** Rows of the model after the build; 0 while it waits. */
  readonly rows: number
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

  constructor(options: WarehouseOptions) {
    this.#options = options
  }

  /**
   * Builds every model of which an input or the text is new. A model waits while one of its topics has never been
   * published, and so do the models that refer to it.
   *
   * @throws WAREHOUSE_MODEL_FAILED, WAREHOUSE_MODEL_UNKNOWN, WAREHOUSE_MODEL_CYCLE
   */
  async build(models: readonly Model[]): Promise<readonly ModelBuild[]> {
    const ordered = orderModels(models)
    if (ordered.length === 0) return []
    await this.#options.engine.execute(
      `CREATE TABLE IF NOT EXISTS ${BUILDS} (model VARCHAR, hash VARCHAR, input VARCHAR, snapshot_id BIGINT)`,
    )
    const published = await this.#published()
    const builds = new Map<string, ModelBuild>()
    for (const model of ordered) builds.set(model.name, await this.#buildOne(model, published, builds))
    return [...builds.values()]
  }

  async #published(): Promise<ReadonlyMap<string, number>> {
    const publications = await this.#options.publications.publications()
    return new Map(
      publications.filter(({ snapshotId }) => snapshotId > 0).map(({ table, snapshotId }) => [table, snapshotId]),
    )
  }

  async #buildOne(
    model: Model,
    published: ReadonlyMap<string, number>,
    builds: ReadonlyMap<string, ModelBuild>,
  ): Promise<ModelBuild> {
    const inputs = new Map(
      [...new Set([...model.sources, ...model.increments])].map((topic) => [
        tableName(topic),
        published.get(tableName(topic)) ?? 0,
      ]),
    )
    const waits = [...inputs.values()].includes(0) || model.refs.some((ref) => builds.get(ref)?.outcome === 'waiting')
    if (waits) return { model: model.name, outcome: 'waiting', rows: 0 }
    const built = await this.#lastBuild(model)
    const fresh =
      built?.hash !== model.hash ||
      [...inputs].some(([table, snapshot]) => built.snapshots.get(table) !== snapshot) ||
      model.refs.some((ref) => builds.get(ref)?.outcome === 'built')
    if (!fresh) return { model: model.name, outcome: 'unchanged', rows: await this.#count(model) }
    await this.#write(model, inputs, built?.hash === model.hash ? built : undefined)
    const rows = await this.#count(model)
    const sources = [...inputs].map(([table, snapshotId]) => ({ table, snapshotId }))
    const { events, clock } = this.#options
    await events.emit('warehouse.model-built', {
      model: model.name,
      hash: model.hash,
      rows,
      sources,
      refs: model.refs,
      at: clock.now(),
    })
    return { model: model.name, outcome: 'built', rows }
  }

  async #lastBuild(model: Model): Promise<Built | undefined> {
    const rows = await this.#options.engine.query(`SELECT hash, input, snapshot_id FROM ${BUILDS} WHERE model = $1`, [
      model.name,
    ])
    if (rows.length === 0) return undefined
    return {
      hash: String(rows[0]!.hash),
      snapshots: new Map(rows.map((row) => [String(row.input), Number(row.snapshot_id)])),
    }
  }

  /** `built` is the state to go on from; `undefined` builds the model from scratch. */
  async #write(model: Model, inputs: ReadonlyMap<string, number>, built: Built | undefined): Promise<void> {
    const { engine, lake } = this.#options
    const sql = replaceInputs(model.name, model.sql, (kind, argument) => {
      if (kind === 'ref') return `${SCHEMA}.${argument}`
      const table = tableName(argument)
      const snapshot = inputs.get(table) ?? 0
      if (kind === 'source') return lake.relationAt(table, snapshot)
      return lake.relationBetween(table, built?.snapshots.get(table) ?? 0, snapshot)
    })
    const target = `${SCHEMA}.${model.name}`
    // The record of a model without topics of its own still says from which text it was built.
    const record = [...(inputs.size > 0 ? inputs : new Map([['', 0]]))]
      .map(([table, snapshot]) => `(${text(model.name)}, ${text(model.hash)}, ${text(table)}, ${snapshot})`)
      .join(', ')
    await engine
      .transaction(async (transaction) => {
        if (built === undefined) await dropOther(transaction, model)
        if (model.materialization === 'view') await transaction.execute(`CREATE OR REPLACE VIEW ${target} AS ${sql}`)
        else if (model.materialization === 'table' || built === undefined)
          await transaction.execute(`CREATE OR REPLACE TABLE ${target} AS ${sql}`)
        else await transaction.execute(`INSERT INTO ${target} BY NAME ${sql}`)
        await transaction.execute(
          `DELETE FROM ${BUILDS} WHERE model = ${text(model.name)}; INSERT INTO ${BUILDS} VALUES ${record}`,
        )
      })
      .catch((cause) => Promise.reject(failed(model, cause)))
  }

  async #count(model: Model): Promise<number> {
    const [row] = await this.#options.engine.query(`SELECT count(*) AS rows FROM ${SCHEMA}.${model.name}`)
    return Number(row!.rows)
  }
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

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
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
