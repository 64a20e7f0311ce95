import type { Insertable, Kysely, Selectable } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { JsonObject } from '../../kernel/index.ts'
import type { Run, RunOutcome, RunStore, StepRecord } from '../../metadata/ports.ts'

export interface RunTables {
  runs: {
    id: string
    pipeline: string
    pipeline_version: string
    trigger_kind: string
    signal_id: string | null
    params: string
    started_at: number
    finished_at: number | null
    outcome: string | null
    reason: string | null
  }
  run_steps: {
    run_id: string
    step: string
    /** 0 upwards, in order of execution. */
    position: number
    step_key: string
    state: string
    cached: number
    outputs: string
    reason: string | null
    duration_ms: number
  }
  run_metrics: { run_id: string; step: string; name: string; metric_value: number }
}

/** Runs, their steps and metrics in SQLite or PostgreSQL. Epoch milliseconds are doubles: exact, and numbers in both. */
export class SqlRunStore implements RunStore {
  readonly #database: Kysely<RunTables>

  constructor(database: Kysely<RunTables>) {
    this.#database = database
  }

  async putRun(run: Run): Promise<void> {
    const { id, ...changed } = toRunRow(run)
    await this.#database
      .insertInto('runs')
      .values({ id, ...changed })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
      .execute()
  }

  async run(id: string): Promise<Run | undefined> {
    const row = await this.#database.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst()
    return row && fromRunRow(row)
  }

  async runs(pipeline?: string): Promise<readonly Run[]> {
    let query = this.#database.selectFrom('runs').selectAll().orderBy('started_at').orderBy('id')
    if (pipeline !== undefined) query = query.where('pipeline', '=', pipeline)
    return (await query.execute()).map(fromRunRow)
  }

  async putStep(step: StepRecord, metrics: Readonly<Record<string, number>>): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      const { count } = await transaction
        .selectFrom('run_steps')
        .select((select) => select.fn.countAll().as('count'))
        .where('run_id', '=', step.runId)
        .executeTakeFirstOrThrow()
      const inserted = await transaction
        .insertInto('run_steps')
        .values(toStepRow(step, Number(count)))
        .onConflict((conflict) => conflict.columns(['run_id', 'step']).doNothing())
        .executeTakeFirst()
      const rows = metricRows(step, metrics)
      if (inserted.numInsertedOrUpdatedRows === 0n || rows.length === 0) return
      await transaction.insertInto('run_metrics').values(rows).execute()
    })
  }

  async steps(runId: string): Promise<readonly StepRecord[]> {
    const rows = await this.#database
      .selectFrom('run_steps')
      .selectAll()
      .where('run_id', '=', runId)
      .orderBy('position')
      .execute()
    return rows.map(fromStepRow)
  }

  async stepByKey(key: string): Promise<StepRecord | undefined> {
    const row = await this.#database
      .selectFrom('run_steps')
      .selectAll()
      .where('step_key', '=', key)
      .where('state', '=', 'succeeded')
      .orderBy('cached')
      .orderBy('run_id')
      .orderBy('position')
      .executeTakeFirst()
    return row && fromStepRow(row)
  }

  async metrics(runId: string): Promise<Readonly<Record<string, number>>> {
    const rows = await this.#database
      .selectFrom('run_metrics')
      .innerJoin('run_steps', (join) =>
        join.onRef('run_steps.run_id', '=', 'run_metrics.run_id').onRef('run_steps.step', '=', 'run_metrics.step'),
      )
      .select(['run_metrics.name', 'run_metrics.metric_value'])
      .where('run_metrics.run_id', '=', runId)
      .orderBy('run_steps.position')
      .orderBy('run_metrics.name')
      .execute()
    return Object.fromEntries(rows.map((row) => [row.name, row.metric_value]))
  }
}

function toRunRow(run: Run): Insertable<RunTables['runs']> {
  return {
    id: run.id,
    pipeline: run.pipeline,
    pipeline_version: run.pipelineVersion,
    trigger_kind: run.trigger,
    signal_id: run.signalId,
    params: JSON.stringify(run.params),
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    outcome: run.outcome,
    reason: run.reason,
  }
}

function fromRunRow(row: Selectable<RunTables['runs']>): Run {
  return {
    id: row.id,
    pipeline: row.pipeline,
    pipelineVersion: row.pipeline_version,
    trigger: row.trigger_kind,
    signalId: row.signal_id,
    params: JSON.parse(row.params) as JsonObject,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    outcome: row.outcome as RunOutcome | null,
    reason: row.reason,
  }
}

function toStepRow(step: StepRecord, position: number): Insertable<RunTables['run_steps']> {
  return {
    run_id: step.runId,
    step: step.step,
    position,
    step_key: step.key,
    state: step.state,
    cached: step.cached ? 1 : 0,
    outputs: JSON.stringify(step.outputs),
    reason: step.reason,
    duration_ms: step.durationMs,
  }
}

function fromStepRow(row: Selectable<RunTables['run_steps']>): StepRecord {
  return {
    runId: row.run_id,
    step: row.step,
    key: row.step_key,
    state: row.state as StepRecord['state'],
    cached: row.cached === 1,
    outputs: JSON.parse(row.outputs) as JsonObject,
    reason: row.reason,
    durationMs: row.duration_ms,
  }
}

function metricRows(step: StepRecord, metrics: Readonly<Record<string, number>>) {
  return Object.entries(metrics).map(([name, value]) => ({
    run_id: step.runId,
    step: step.step,
    name,
    metric_value: value,
  }))
}

export const runMigrations: Readonly<Record<string, Migration>> = {
  '001-runs': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('runs')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('pipeline', 'text', (column) => column.notNull())
        .addColumn('pipeline_version', 'text', (column) => column.notNull())
        .addColumn('trigger_kind', 'text', (column) => column.notNull())
        .addColumn('signal_id', 'text')
        .addColumn('params', 'text', (column) => column.notNull())
        .addColumn('started_at', 'double precision', (column) => column.notNull())
        .addColumn('finished_at', 'double precision')
        .addColumn('outcome', 'text')
        .addColumn('reason', 'text')
        .execute()
      await database.schema
        .createTable('run_steps')
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addColumn('step', 'text', (column) => column.notNull())
        .addColumn('position', 'integer', (column) => column.notNull())
        .addColumn('step_key', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('cached', 'integer', (column) => column.notNull())
        .addColumn('outputs', 'text', (column) => column.notNull())
        .addColumn('reason', 'text')
        .addColumn('duration_ms', 'double precision', (column) => column.notNull())
        .addPrimaryKeyConstraint('run_steps_key', ['run_id', 'step'])
        .execute()
      await database.schema.createIndex('run_steps_by_step_key').on('run_steps').column('step_key').execute()
      await database.schema
        .createTable('run_metrics')
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addColumn('step', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('metric_value', 'double precision', (column) => column.notNull())
        .addPrimaryKeyConstraint('run_metrics_key', ['run_id', 'step', 'name'])
        .execute()
    },
  },
}
