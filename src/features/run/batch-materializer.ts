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

  constructor(options: BatchMaterializerOptions) {
    this.#options = options
    this.#retentionMs = parseDuration(options.retention ?? '1d') ?? DAY_MS
  }

  /**
   * Materialises `view` as of `moment` (now, unless the scheduled moment is given), and returns how many entities
   * changed. A model that has not been built yet has no rows; then nothing happens and 0 is returned.
   *
   * @throws FEATURES_UNKNOWN_COLUMN where the model lacks a key, the event time or a field.
   */
  async run(view: BatchFeatureView, moment: EpochMs = this.#options.clock.now()): Promise<number> {
    const exactColumns = await this.#prepare(view)
    if (exactColumns === undefined) return 0
    const plan = featurePlan(view)
    const changed = await this.#options.engine.transaction((engine) => commit(engine, view, moment, exactColumns))
    if (changed === undefined) return 0
    await this.#fillOnline(plan, moment)
    const { name, hash, source } = view
    const { events } = this.#options
    await events.emit('features.materialized', { view: name, hash, rows: changed, model: source.model, at: moment })
    return changed
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

  async #fillOnline(plan: FeaturePlan, moment: EpochMs): Promise<void> {
    const { engine, store } = this.#options
    const after = await store.materializedUntil(plan.onlineName)
    if (after !== null && after >= moment) return
    const keepFrom = moment - this.#retentionMs
    const rows = await engine.query(onlineRowsSql(plan, { after, until: moment, keepFrom }))
    await store.putRows(
      plan.onlineName,
      rows.map((row) => onlineRow(row, plan)),
      moment,
      keepFrom,
    )
  }
}

/**
 * Writes the changed rows of `moment`, or finds that this was done, and returns their number. A moment that was
 * passed over stays so: `undefined`.
 */
async function commit(
  engine: SqlEngine,
  view: BatchFeatureView,
  moment: EpochMs,
  exactColumns: ReadonlySet<string>,
): Promise<number | undefined> {
  const newest = () =>
    engine.query(
      `SELECT moment, changed FROM ${MATERIALIZATIONS} WHERE view = $1 AND view_hash = $2 ORDER BY moment DESC LIMIT 1`,
      [view.name, view.hash],
    )
  const [before] = await newest()
  if (before === undefined || Number(before.moment) < moment)
    for (const statement of materializeSql(view, moment, exactColumns)) await engine.execute(statement)
  const [after] = await newest()
  return Number(after!.moment) === moment ? Number(after!.changed) : undefined
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
