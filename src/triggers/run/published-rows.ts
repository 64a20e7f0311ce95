import { quoteName } from '../../kernel/index.ts'
import { type LakeStore, type SqlEngine, tableName } from '../../lake/index.ts'
import type { SlaStore } from '../../sla/index.ts'
import type { CountedRows, PublishedRows } from '../ports.ts'

export interface SqlPublishedRowsOptions {
  readonly engine: SqlEngine
  readonly lake: LakeStore
  readonly publications: Pick<SlaStore, 'publications'>
}

/** Counts rows of warehouse models and of what is published of the lake. */
export class SqlPublishedRows implements PublishedRows {
  readonly #options: SqlPublishedRowsOptions

  constructor(options: SqlPublishedRowsOptions) {
    this.#options = options
  }

  async count(rows: CountedRows): Promise<number> {
    const relation = 'model' in rows ? await this.#model(rows.model) : await this.#published(rows.topic)
    if (relation === undefined) return 0
    const [row] = await this.#options.engine.query(`SELECT count(*) AS n FROM ${relation}`)
    return Number(row!.n)
  }

  async #model(model: string): Promise<string | undefined> {
    const found = await this.#options.engine.query(
      `SELECT 1 FROM information_schema.tables WHERE table_catalog = 'warehouse' AND table_schema = 'main' AND table_name = $1`,
      [model],
    )
    return found.length === 0 ? undefined : `warehouse.main.${quoteName(model)}`
  }

  async #published(topic: string): Promise<string | undefined> {
    const { publications, lake } = this.#options
    const table = tableName(topic)
    const publication = (await publications.publications()).find((candidate) => candidate.table === table)
    if (!publication || publication.snapshotId === 0) return undefined
    return lake.relationAt(table, publication.snapshotId)
  }
}
