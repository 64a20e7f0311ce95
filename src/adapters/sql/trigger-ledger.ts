import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { Migration } from 'kysely/migration'
import { CovenantError, type JsonObject } from '../../kernel/index.ts'
import type { LedgerEntry, SignalKind, SignalOutcome, TriggerLedger } from '../../triggers/ports.ts'

export interface TriggerTables {
  trigger_ledger: {
    signal_id: string
    /** Order of arrival. */
    position: number
    kind: string
    pipeline: string
    signalled_at: number
    cause: string
    params: string
    outcome: string | null
    reason: string
    decided_at: number
    run_id: string | null
    due_at: number | null
  }
}

type Row = Selectable<TriggerTables['trigger_ledger']>

/** The ledger of signals in SQLite or PostgreSQL. */
export class SqlTriggerLedger implements TriggerLedger {
  readonly #database: Kysely<TriggerTables>

  constructor(database: Kysely<TriggerTables>) {
    this.#database = database
  }

  async add(entry: LedgerEntry): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      const inserted = await transaction
        .insertInto('trigger_ledger')
        .values({ ...toRow(entry), position: await nextPosition(transaction) })
        .onConflict((conflict) => conflict.column('signal_id').doNothing())
        .executeTakeFirst()
      return inserted.numInsertedOrUpdatedRows === 1n
    })
  }

  async update(entries: readonly LedgerEntry[]): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      for (const entry of entries) {
        const { signal_id, ...changed } = toRow(entry)
        const { numUpdatedRows } = await transaction
          .updateTable('trigger_ledger')
          .set(changed)
          .where('signal_id', '=', signal_id)
          .executeTakeFirst()
        if (numUpdatedRows === 0n) throw unknownSignal(signal_id)
      }
    })
  }

  async entries(pipeline?: string): Promise<readonly LedgerEntry[]> {
    let query = this.#database.selectFrom('trigger_ledger').selectAll().orderBy('position').orderBy('signal_id')
    if (pipeline !== undefined) query = query.where('pipeline', '=', pipeline)
    return (await query.execute()).map(fromRow)
  }
}

async function nextPosition(transaction: Transaction<TriggerTables>): Promise<number> {
  const row = await transaction
    .selectFrom('trigger_ledger')
    .select((select) => select.fn.max('position').as('last'))
    .executeTakeFirst()
  return (row?.last ?? 0) + 1
}

function toRow(entry: LedgerEntry): Omit<Insertable<TriggerTables['trigger_ledger']>, 'position'> {
  const { signal, outcome, reason, decidedAt, runId, dueAt } = entry
  return {
    signal_id: signal.id,
    kind: signal.kind,
    pipeline: signal.pipeline,
    signalled_at: signal.at,
    cause: signal.cause,
    params: JSON.stringify(signal.params),
    outcome,
    reason,
    decided_at: decidedAt,
    run_id: runId,
    due_at: dueAt,
  }
}

function fromRow(row: Row): LedgerEntry {
  return {
    signal: {
      id: row.signal_id,
      kind: row.kind as SignalKind,
      pipeline: row.pipeline,
      at: row.signalled_at,
      cause: row.cause,
      params: JSON.parse(row.params) as JsonObject,
    },
    outcome: row.outcome as SignalOutcome | null,
    reason: row.reason,
    decidedAt: row.decided_at,
    runId: row.run_id,
    dueAt: row.due_at,
  }
}

function unknownSignal(id: string): CovenantError {
  return new CovenantError({
    code: 'TRIGGER_UNKNOWN_SIGNAL',
    message: `The ledger holds no signal ${id}, so nothing can be decided about it.`,
    remedy: 'Offer the signal first.',
  })
}

export const triggerMigrations: Readonly<Record<string, Migration>> = {
  '001-ledger': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('trigger_ledger')
        .addColumn('signal_id', 'text', (column) => column.primaryKey())
        .addColumn('position', 'integer', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('pipeline', 'text', (column) => column.notNull())
        .addColumn('signalled_at', 'double precision', (column) => column.notNull())
        .addColumn('cause', 'text', (column) => column.notNull())
        .addColumn('params', 'text', (column) => column.notNull())
        .addColumn('outcome', 'text')
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('decided_at', 'double precision', (column) => column.notNull())
        .addColumn('run_id', 'text')
        .addColumn('due_at', 'double precision')
        .execute()
      await database.schema
        .createIndex('trigger_ledger_by_pipeline')
        .on('trigger_ledger')
        .columns(['pipeline', 'position'])
        .execute()
    },
  },
}
