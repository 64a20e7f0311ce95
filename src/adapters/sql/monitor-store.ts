import type { Insertable, Kysely, Selectable } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Alert, MonitorPoint, MonitorStore } from '../../monitoring/ports.ts'

export interface MonitorTables {
  monitor_points: {
    monitor: string
    metric: string
    subject: string
    window_start: number
    window_end: number
    point_value: number
    point_rows: number
  }
  alerts: {
    id: string
    source: string
    subject: string
    message: string
    raised_at: number
    resolved_at: number | null
  }
}

const POINT_KEY = ['monitor', 'metric', 'subject', 'window_start', 'window_end'] as const

/** What monitors found, and alerts, in SQLite or PostgreSQL. */
export class SqlMonitorStore implements MonitorStore {
  readonly #database: Kysely<MonitorTables>

  constructor(database: Kysely<MonitorTables>) {
    this.#database = database
  }

  async putPoints(points: readonly MonitorPoint[]): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      for (const point of points)
        await transaction
          .insertInto('monitor_points')
          .values(toPointRow(point))
          .onConflict((conflict) =>
            conflict.columns(POINT_KEY).doUpdateSet({ point_value: point.value, point_rows: point.rows }),
          )
          .execute()
    })
  }

  async points(monitor: string, metric?: string): Promise<readonly MonitorPoint[]> {
    let query = this.#database.selectFrom('monitor_points').selectAll().where('monitor', '=', monitor)
    if (metric !== undefined) query = query.where('metric', '=', metric)
    const rows = await query
      .orderBy('window_end')
      .orderBy('window_start')
      .orderBy('metric')
      .orderBy('subject')
      .execute()
    return rows.map(fromPointRow)
  }

  async putAlert(alert: Alert): Promise<void> {
    const { id, ...changed } = toAlertRow(alert)
    await this.#database
      .insertInto('alerts')
      .values({ id, ...changed })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
      .execute()
  }

  async alerts(): Promise<readonly Alert[]> {
    const rows = await this.#database.selectFrom('alerts').selectAll().orderBy('raised_at').orderBy('id').execute()
    return rows.map(fromAlertRow)
  }
}

function toPointRow(point: MonitorPoint): Insertable<MonitorTables['monitor_points']> {
  return {
    monitor: point.monitor,
    metric: point.metric,
    subject: point.subject,
    window_start: point.windowStart,
    window_end: point.windowEnd,
    point_value: point.value,
    point_rows: point.rows,
  }
}

function fromPointRow(row: Selectable<MonitorTables['monitor_points']>): MonitorPoint {
  return {
    monitor: row.monitor,
    metric: row.metric,
    subject: row.subject,
    windowStart: row.window_start,
    windowEnd: row.window_end,
    value: row.point_value,
    rows: row.point_rows,
  }
}

function toAlertRow(alert: Alert): Insertable<MonitorTables['alerts']> {
  return {
    id: alert.id,
    source: alert.source,
    subject: alert.subject,
    message: alert.message,
    raised_at: alert.raisedAt,
    resolved_at: alert.resolvedAt,
  }
}

function fromAlertRow(row: Selectable<MonitorTables['alerts']>): Alert {
  return {
    id: row.id,
    source: row.source,
    subject: row.subject,
    message: row.message,
    raisedAt: row.raised_at,
    resolvedAt: row.resolved_at,
  }
}

export const monitorMigrations: Readonly<Record<string, Migration>> = {
  '001-monitors': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('monitor_points')
        .addColumn('monitor', 'text', (column) => column.notNull())
        .addColumn('metric', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('window_start', 'double precision', (column) => column.notNull())
        .addColumn('window_end', 'double precision', (column) => column.notNull())
        .addColumn('point_value', 'double precision', (column) => column.notNull())
        .addColumn('point_rows', 'double precision', (column) => column.notNull())
        .addPrimaryKeyConstraint('monitor_points_key', [...POINT_KEY])
        .execute()
      await database.schema
        .createTable('alerts')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('message', 'text', (column) => column.notNull())
        .addColumn('raised_at', 'double precision', (column) => column.notNull())
        .addColumn('resolved_at', 'double precision')
        .execute()
    },
  },
}
