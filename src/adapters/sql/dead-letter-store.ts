import type { Insertable, Kysely, Selectable } from 'kysely'
import type { Migration } from 'kysely/migration'
import type {
  DeadLetterBatch,
  DeadLetterMark,
  DeadLetterPlace,
  DeadLetterState,
  DeadLetterStore,
} from '../../validation/ports.ts'

export interface DeadLetterTables {
  dead_letter_batches: {
    topic: string
    number: number
    batch_id: string
    state: string
    actor: string
    at: number
    reason: string
    patch: string | null
    /** `[partition, offset]` of each letter, as JSON. */
    letters: string
    first_sequence: number
    raw_from: string
    raw_to: string | null
  }
  dead_letter_marks: {
    topic: string
    letter_partition: number
    letter_offset: number
    /** Number of the batch: a letter's marks in the order in which they were set. */
    batch_number: number
    state: string
    batch_id: string
    actor: string
    at: number
    reason: string
    patch: string | null
  }
}

const BATCHES_MAX = 100
/** A mark has ten values, and SQLite takes at most 32,766 in one statement. */
const MARKS_OF_STATEMENT = 1_000

/** States of dead letters in SQLite or PostgreSQL. */
export class SqlDeadLetterStore implements DeadLetterStore {
  readonly #database: Kysely<DeadLetterTables>

  constructor(database: Kysely<DeadLetterTables>) {
    this.#database = database
  }

  async begin(batch: DeadLetterBatch): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      const last = await transaction
        .selectFrom('dead_letter_batches')
        .select(['number', 'raw_to'])
        .where('topic', '=', batch.topic)
        .orderBy('number', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (Number(last?.number ?? 0) !== batch.number - 1 || last?.raw_to === null) return false
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('dead_letter_batches')
        .values(batchRow(batch))
        .onConflict((conflict) => conflict.columns(['topic', 'number']).doNothing())
        .executeTakeFirstOrThrow()
      return Number(numInsertedOrUpdatedRows ?? 0) === 1
    })
  }

  async finish(
    topic: string,
    number: number,
    rawTo: readonly number[],
    marks: readonly DeadLetterMark[],
  ): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('dead_letter_batches')
        .set({ raw_to: JSON.stringify(rawTo) })
        .where('topic', '=', topic)
        .where('number', '=', number)
        .where('raw_to', 'is', null)
        .executeTakeFirstOrThrow()
      if (Number(numUpdatedRows) === 0) return
      const rows = marks.map((mark) => markRow(topic, number, mark))
      for (let start = 0; start < rows.length; start += MARKS_OF_STATEMENT)
        await transaction
          .insertInto('dead_letter_marks')
          .values(rows.slice(start, start + MARKS_OF_STATEMENT))
          .execute()
    })
  }

  async lastBatch(topic: string): Promise<DeadLetterBatch | undefined> {
    const row = await this.#database
      .selectFrom('dead_letter_batches')
      .selectAll()
      .where('topic', '=', topic)
      .orderBy('number', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row && batchOf(row)
  }

  async batches(topic: string, after: number): Promise<readonly DeadLetterBatch[]> {
    const rows = await this.#database
      .selectFrom('dead_letter_batches')
      .selectAll()
      .where('topic', '=', topic)
      .where('number', '>', after)
      .orderBy('number')
      .limit(BATCHES_MAX)
      .execute()
    return rows.map(batchOf)
  }

  async marks(
    topic: string,
    partition: number,
    from: number,
    to: number,
  ): Promise<ReadonlyMap<number, DeadLetterMark>> {
    const rows = await this.#database
      .selectFrom('dead_letter_marks')
      .selectAll()
      .where('topic', '=', topic)
      .where('letter_partition', '=', partition)
      .where('letter_offset', '>=', from)
      .where('letter_offset', '<', to)
      .orderBy('letter_offset')
      .orderBy('batch_number')
      .execute()
    // Of several marks of a letter the last one stays.
    return new Map(rows.map((row) => [Number(row.letter_offset), markOf(row)]))
  }

  async history(topic: string, { partition, offset }: DeadLetterPlace): Promise<readonly DeadLetterMark[]> {
    const rows = await this.#database
      .selectFrom('dead_letter_marks')
      .selectAll()
      .where('topic', '=', topic)
      .where('letter_partition', '=', partition)
      .where('letter_offset', '=', offset)
      .orderBy('batch_number')
      .execute()
    return rows.map(markOf)
  }
}

function batchRow(batch: DeadLetterBatch): Insertable<DeadLetterTables['dead_letter_batches']> {
  return {
    topic: batch.topic,
    number: batch.number,
    batch_id: batch.id,
    state: batch.state,
    actor: batch.actor,
    at: batch.at,
    reason: batch.reason,
    patch: batch.patch,
    letters: JSON.stringify(batch.letters.map(({ partition, offset }) => [partition, offset])),
    first_sequence: batch.firstSequence,
    raw_from: JSON.stringify(batch.rawFrom),
    raw_to: batch.rawTo && JSON.stringify(batch.rawTo),
  }
}

function batchOf(row: Selectable<DeadLetterTables['dead_letter_batches']>): DeadLetterBatch {
  return {
    id: row.batch_id,
    topic: row.topic,
    number: Number(row.number),
    state: row.state as DeadLetterState,
    actor: row.actor,
    at: Number(row.at),
    reason: row.reason,
    patch: row.patch,
    letters: (JSON.parse(row.letters) as [number, number][]).map(([partition, offset]) => ({ partition, offset })),
    firstSequence: Number(row.first_sequence),
    rawFrom: JSON.parse(row.raw_from) as number[],
    rawTo: row.raw_to === null ? null : (JSON.parse(row.raw_to) as number[]),
  }
}

function markRow(
  topic: string,
  batchNumber: number,
  mark: DeadLetterMark,
): Insertable<DeadLetterTables['dead_letter_marks']> {
  return {
    topic,
    letter_partition: mark.partition,
    letter_offset: mark.offset,
    batch_number: batchNumber,
    state: mark.state,
    batch_id: mark.batchId,
    actor: mark.actor,
    at: mark.at,
    reason: mark.reason,
    patch: mark.patch && JSON.stringify(mark.patch),
  }
}

function markOf(row: Selectable<DeadLetterTables['dead_letter_marks']>): DeadLetterMark {
  return {
    partition: Number(row.letter_partition),
    offset: Number(row.letter_offset),
    state: row.state as DeadLetterState,
    batchId: row.batch_id,
    actor: row.actor,
    at: Number(row.at),
    reason: row.reason,
    patch: row.patch === null ? null : (JSON.parse(row.patch) as DeadLetterMark['patch']),
  }
}

export const deadLetterMigrations: Readonly<Record<string, Migration>> = {
  '001-marks': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('dead_letter_batches')
        .addColumn('topic', 'text', (column) => column.notNull())
        .addColumn('number', 'bigint', (column) => column.notNull())
        .addColumn('batch_id', 'text', (column) => column.notNull().unique())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('actor', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('patch', 'text')
        .addColumn('letters', 'text', (column) => column.notNull())
        .addColumn('first_sequence', 'bigint', (column) => column.notNull())
        .addColumn('raw_from', 'text', (column) => column.notNull())
        .addColumn('raw_to', 'text')
        .addPrimaryKeyConstraint('dead_letter_batches_key', ['topic', 'number'])
        .execute()
      await database.schema
        .createTable('dead_letter_marks')
        .addColumn('topic', 'text', (column) => column.notNull())
        .addColumn('letter_partition', 'bigint', (column) => column.notNull())
        .addColumn('letter_offset', 'bigint', (column) => column.notNull())
        .addColumn('batch_number', 'bigint', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('batch_id', 'text', (column) => column.notNull())
        .addColumn('actor', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('patch', 'text')
        .addPrimaryKeyConstraint('dead_letter_marks_key', [
          'topic',
          'letter_partition',
          'letter_offset',
          'batch_number',
        ])
        .execute()
    },
  },
}
