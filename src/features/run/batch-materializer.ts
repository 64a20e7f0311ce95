import {
  type Clock,
  CovenantError,
  DAY_MS,
  type Duration,
  type EpochMs,
  type EventBus,
  parseDuration,
} from '../../kernel/index.ts'
import type { SqlEngine, SqlRow } from '../../lake/index.ts'
import type { BatchFeatureView } from '../define/types.ts'
import { type FeaturePlan, featurePlan } from '../plan/feature-plan.ts'
import { createTablesSql, MATERIALIZATIONS, materializeSql, onlineRowsSql } from '../plan/materialization.ts'
import type { FeatureValue, OnlineRow, OnlineStore } from '../ports.ts'

export interface BatchMaterializerOptions {
  readonly engine: SqlEngine
  readonly store: OnlineStore
  readonly clock: Clock
  readonly events: EventBus
  /** How far before the newest materialisation online lookups are exact; a day unless told. */
  readonly retention?: Duration
}

const INTEGER_TYPE = /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|BOOLEAN)$/

/**
 * Materialises batch views. A moment is materialised once: in one transaction its changed rows go to the history and
 * the moment is noted; then the online store takes over from the history what it lacks. Running a moment again, after
 * a crash between the two or for no reason, changes nothing that was right.
 */
export class BatchMaterializer {
  readonly #options: BatchMaterializerOptions
  readonly #retentionMs: number
  /** Columns of integers by view version; present once the tables of the view are there. */
  readonly #exactColumns = new Map<string, ReadonlySet<string>>()
  /** The newest moment in the history by view version, where it is known for certain. */
  readonly #newest = new Map<string, EpochMs>()

  constructor(options: BatchMaterializerOptions) {
    this.#options = options
    this.#retentionMs = parseDuration(options.retention ?? '1d') ?? DAY_MS
  }

  /**
   * Materialises `view` as of `moment` (now, unless the scheduled moment is given), and returns how many entities
   * changed. A model that has not been built yet has no rows; then nothing happens and 0 is returned, as for a moment
   * before the newest one.
   *
   * @throws FEATURES_UNKNOWN_COLUMN where the model lacks a key, the event time or a field.
   */
  async run(view: BatchFeatureView, moment: EpochMs = this.#options.clock.now()): Promise<number> {
    const exactColumns = await this.#prepare(view)
    if (exactColumns === undefined) return 0
    const newest = await this.#newestMoment(view)
    if (newest > moment) return 0
    const changes = newest < moment ? await this.#commit(view, moment, exactColumns) : undefined
    await this.#fillOnline(featurePlan(view), moment, changes && { rows: changes, since: newest })
    const rows = changes?.length ?? (await this.#changed(view, moment))
    const { name, hash, source } = view
    await this.#options.events.emit('features.materialized', {
      view: name,
      hash,
      rows,
      model: source.model,
      at: moment,
    })
    return rows
  }

  async #prepare(view: BatchFeatureView): Promise<ReadonlySet<string> | undefined> {
    const known = this.#exactColumns.get(view.hash)
    if (known) return known
    const { engine } = this.#options
    const types = await modelColumns(engine, view.source.model)
    if (types.size === 0) return undefined
    const plan = featurePlan(view)
    checkColumns(view, plan, types)
    await engine.execute(createTablesSql(plan))
    const exact = new Set([...types].filter(([, type]) => INTEGER_TYPE.test(type)).map(([column]) => column))
    this.#exactColumns.set(view.hash, exact)
    return exact
  }

  async #newestMoment(view: BatchFeatureView): Promise<EpochMs> {
    const known = this.#newest.get(view.hash)
    if (known !== undefined) return known
    const [row] = await this.#options.engine.query(
      `SELECT max(moment) AS newest FROM ${MATERIALIZATIONS} WHERE view = $1 AND view_hash = $2`,
      [view.name, view.hash],
    )
    return row!.newest === null ? Number.NEGATIVE_INFINITY : Number(row!.newest)
  }

  async #commit(view: BatchFeatureView, moment: EpochMs, exactColumns: ReadonlySet<string>) {
    const plan = featurePlan(view)
    const { insertChanges, replaceLatest, note } = materializeSql(view, moment, exactColumns)
    this.#newest.delete(view.hash)
    const changes = await this.#options.engine.transaction(async (engine) => {
      const rows = await engine.query(insertChanges)
      if (rows.length > 0) for (const statement of replaceLatest) await engine.execute(statement)
      await engine.execute(note(rows.length))
      return rows.map((row) => onlineRow(row, plan))
    })
    this.#newest.set(view.hash, moment)
    return changes
  }

  /** The changes are all that a store lacks which has everything up to the moment `since` before them. */
  async #fillOnline(
    plan: FeaturePlan,
    moment: EpochMs,
    changes: { readonly rows: readonly OnlineRow[]; readonly since: EpochMs } | undefined,
  ): Promise<void> {
    const { engine, store } = this.#options
    const after = await store.materializedUntil(plan.onlineName)
    if (after !== null && after >= moment) return
    const keepFrom = moment - this.#retentionMs
    const rows =
      changes && changes.since === (after ?? Number.NEGATIVE_INFINITY)
        ? changes.rows
        : (await engine.query(onlineRowsSql(plan, { after, until: moment, keepFrom }))).map((row) =>
            onlineRow(row, plan),
          )
    await store.putRows(plan.onlineName, rows, moment, keepFrom)
  }

  async #changed(view: BatchFeatureView, moment: EpochMs): Promise<number> {
    const [row] = await this.#options.engine.query(
      `SELECT changed FROM ${MATERIALIZATIONS} WHERE view = $1 AND view_hash = $2 AND moment = epoch_ms($3)`,
      [view.name, view.hash, moment],
    )
    return Number(row!.changed)
  }
}

/** Lower-case column names of a built model with their SQL types; empty where it has not been built. */
async function modelColumns(engine: SqlEngine, model: string): Promise<ReadonlyMap<string, string>> {
  const rows = await engine.query(
    `SELECT column_name, data_type FROM duckdb_columns()
     WHERE database_name = 'warehouse' AND schema_name = 'main' AND lower(table_name) = lower($1)`,
    [model],
  )
  return new Map(rows.map((row) => [String(row.column_name).toLowerCase(), String(row.data_type)]))
}

function checkColumns(view: BatchFeatureView, plan: FeaturePlan, types: ReadonlyMap<string, string>): void {
  const needed = [...plan.keys, view.source.eventTime, ...plan.fields]
  const missing = needed.filter((column) => !types.has(column.toLowerCase()))
  if (missing.length === 0) return
  throw new CovenantError({
    code: 'FEATURES_UNKNOWN_COLUMN',
    message: `The model ${view.source.model} has no column ${missing.join(', ')}; it has ${[...types.keys()].join(', ')}.`,
    where: `feature view ${view.name}`,
    remedy: `Select the column in models/${view.source.model}.sql, or change the view.`,
  })
}

function onlineRow(row: SqlRow, plan: FeaturePlan): OnlineRow {
  return {
    key: String(row.key),
    eventTime: Number(row.event_time),
    createdTime: Number(row.created_time),
    values: plan.aggregates.map((_aggregate, index) => row[`f${index}`] as FeatureValue),
  }
}
