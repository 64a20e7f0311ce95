import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type {
  FeatureValue,
  OnlineEvent,
  OnlineRow,
  OnlineStore,
  RowLookup,
  TopicPosition,
} from '../../features/ports.ts'
import { DAY_MS, type EpochMs, openSqliteFile } from '../../kernel/index.ts'

/** Views have a small number, because their name is repeated in no row then. Values are JSON arrays. */
const TABLES = `
CREATE TABLE IF NOT EXISTS online_view (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, materialized_until INTEGER, swept_day INTEGER);
CREATE TABLE IF NOT EXISTS online_row (
  view INTEGER, key TEXT, created_time INTEGER, event_time INTEGER NOT NULL, content TEXT NOT NULL,
  PRIMARY KEY (view, key, created_time)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS online_event (
  view INTEGER, key TEXT, time INTEGER, partition_id INTEGER, record_offset INTEGER, content TEXT NOT NULL,
  PRIMARY KEY (view, key, time, partition_id, record_offset)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS online_position (
  view INTEGER, topic TEXT, partition_id INTEGER, next_offset INTEGER NOT NULL,
  PRIMARY KEY (view, topic, partition_id)) WITHOUT ROWID;
`

const STATEMENTS = {
  view: 'SELECT id FROM online_view WHERE name = ?',
  addView: 'INSERT INTO online_view (name) VALUES (?) ON CONFLICT DO NOTHING',
  until: 'SELECT materialized_until FROM online_view WHERE id = ?',
  setUntil: 'UPDATE online_view SET materialized_until = max(coalesce(materialized_until, ?1), ?1) WHERE id = ?2',
  putRow: `INSERT INTO online_row (view, key, created_time, event_time, content) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET event_time = excluded.event_time, content = excluded.content`,
  // The newest row before `dropBefore` answers a lookup at `dropBefore`; those before it answer none.
  dropRows: `DELETE FROM online_row WHERE view = ?1 AND key = ?2 AND created_time < (
    SELECT max(created_time) FROM online_row WHERE view = ?1 AND key = ?2 AND created_time < ?3)`,
  row: `SELECT event_time, created_time, content FROM online_row
    WHERE view = ? AND key = ? AND created_time < ? ORDER BY created_time DESC LIMIT 1`,
  addEvent: `INSERT INTO online_event (view, key, time, partition_id, record_offset, content)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  events: `SELECT time, partition_id, record_offset, content FROM online_event
    WHERE view = ? AND key = ? AND time >= ? AND time < ? ORDER BY time, partition_id, record_offset`,
  sweptDay: 'SELECT swept_day FROM online_view WHERE id = ?',
  setSweptDay: 'UPDATE online_view SET swept_day = ? WHERE id = ?',
  dropEvents: 'DELETE FROM online_event WHERE view = ? AND time < ?',
  position: 'SELECT next_offset FROM online_position WHERE view = ? AND topic = ? AND partition_id = ?',
  setPosition: `INSERT INTO online_position (view, topic, partition_id, next_offset) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset`,
} as const

type Statements = Readonly<Record<keyof typeof STATEMENTS, StatementSync>>
type Cells = readonly (number | string | null)[]

/**
 * The online store in one SQLite file. What was put survives the death of the process; after a power cut the file is
 * as it was a moment before, and rows and positions still agree, so that views catch up from where they stand.
 */
export class EmbeddedOnlineStore implements OnlineStore {
  readonly #database: DatabaseSync
  readonly #statements: Statements
  readonly #views = new Map<string, number>()

  constructor(path: string) {
    this.#database = openSqliteFile(path, 'process')
    this.#database.exec(TABLES)
    this.#statements = prepareAll(this.#database)
  }

  async putRows(view: string, rows: readonly OnlineRow[], until: EpochMs, dropBefore: EpochMs): Promise<void> {
    const { putRow, dropRows, setUntil } = this.#statements
    this.#transaction(() => {
      const id = this.#makeView(view)
      for (const { key, createdTime, eventTime, values } of rows)
        putRow.run(id, key, createdTime, eventTime, JSON.stringify(values))
      for (const key of new Set(rows.map((row) => row.key))) dropRows.run(id, key, dropBefore)
      setUntil.run(until, id)
    })
  }

  async getRows(view: string, lookups: readonly RowLookup[]): Promise<readonly (OnlineRow | undefined)[]> {
    const id = this.#findView(view)
    const { row } = this.#statements
    return lookups.map(({ key, before }) => {
      const cells = row.get(id, key, before) as unknown as Cells | undefined
      return cells && { key, eventTime: Number(cells[0]), createdTime: Number(cells[1]), values: valuesOf(cells[2]!) }
    })
  }

  async materializedUntil(view: string): Promise<EpochMs | null> {
    return firstCell(this.#statements.until.get(this.#findView(view)))
  }

  async addEvents(
    view: string,
    events: readonly OnlineEvent[],
    position: TopicPosition,
    dropBefore: EpochMs,
  ): Promise<void> {
    const { topic, partition, nextOffset } = position
    const { addEvent, setPosition } = this.#statements
    this.#transaction(() => {
      const id = this.#makeView(view)
      const from = this.#nextOffset(id, topic, partition)
      for (const event of events)
        if (event.offset >= from && event.time >= dropBefore)
          addEvent.run(id, event.key, event.time, event.partition, event.offset, JSON.stringify(event.values))
      if (nextOffset > from) setPosition.run(id, topic, partition, nextOffset)
      this.#sweep(id, dropBefore)
    })
  }

  async getEvents(
    view: string,
    keys: readonly string[],
    from: EpochMs,
    before: EpochMs,
  ): Promise<readonly (readonly OnlineEvent[])[]> {
    const id = this.#findView(view)
    return keys.map((key) =>
      (this.#statements.events.all(id, key, from, before) as unknown as Cells[]).map((cells) => ({
        key,
        time: cells[0] as number,
        partition: cells[1] as number,
        offset: cells[2] as number,
        values: valuesOf(cells[3]!),
      })),
    )
  }

  async position(view: string, topic: string, partition: number): Promise<number> {
    return this.#nextOffset(this.#findView(view), topic, partition)
  }

  async close(): Promise<void> {
    this.#database.close()
  }

  #nextOffset(id: number, topic: string, partition: number): number {
    return firstCell(this.#statements.position.get(id, topic, partition)) ?? 0
  }

  /** Removing old events reads all events of the view (they are in the order of keys), so it is done once a day. */
  #sweep(id: number, dropBefore: EpochMs): void {
    const { sweptDay, setSweptDay, dropEvents } = this.#statements
    const day = Math.floor(dropBefore / DAY_MS)
    if (day <= (firstCell(sweptDay.get(id)) ?? Number.NEGATIVE_INFINITY)) return
    dropEvents.run(id, dropBefore)
    setSweptDay.run(day, id)
  }

  /** Reading does not write: an unknown view has the number 0, which no view has. */
  #findView(view: string): number {
    const known = this.#views.get(view)
    if (known !== undefined) return known
    const id = firstCell(this.#statements.view.get(view)) ?? 0
    // Within a transaction that may roll back a new number is not certain yet.
    if (id !== 0 && !this.#database.isTransaction) this.#views.set(view, id)
    return id
  }

  #makeView(view: string): number {
    const known = this.#findView(view)
    if (known !== 0) return known
    this.#statements.addView.run(view)
    return this.#findView(view)
  }

  #transaction(body: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      body()
      this.#database.exec('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }
}

/** Rows come as arrays: an object for each would cost twice the time. */
function prepareAll(database: DatabaseSync): Statements {
  const prepared = Object.entries(STATEMENTS).map(([name, sql]) => {
    const statement = database.prepare(sql)
    statement.setReturnArrays(true)
    return [name, statement]
  })
  return Object.fromEntries(prepared) as Statements
}

function firstCell(row: unknown): number | null {
  return ((row as Cells | undefined)?.[0] as number | null | undefined) ?? null
}

function valuesOf(content: string | number | null): readonly FeatureValue[] {
  return JSON.parse(content as string) as readonly FeatureValue[]
}
