import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { EpochMs } from '../../kernel/index.ts'
import type { LineageEdge, LineageNode, LineageStore } from '../../metadata/ports.ts'

export interface LineageTables {
  /** A node's name is `<kind>:<id>`; no kind has a colon. */
  lineage_edges: { from_node: string; to_node: string; made_at: number }
}

/** Rows a statement: SQLite and PostgreSQL both take this many parameters. */
const ROWS_PER_INSERT = 300
const NODES_PER_QUERY = 500

/** The lineage graph in SQLite or PostgreSQL: one row an edge, indexed from both ends. */
export class SqlLineageStore implements LineageStore {
  readonly #database: Kysely<LineageTables>

  constructor(database: Kysely<LineageTables>) {
    this.#database = database
  }

  async add(edges: readonly LineageEdge[]): Promise<void> {
    if (edges.length === 0) return
    const rows = edges.map(({ from, to, at }) => ({ from_node: nameOf(from), to_node: nameOf(to), made_at: at }))
    await this.#database.transaction().execute(async (transaction) => {
      for (let start = 0; start < rows.length; start += ROWS_PER_INSERT)
        await transaction
          .insertInto('lineage_edges')
          .values(rows.slice(start, start + ROWS_PER_INSERT))
          .onConflict((conflict) => conflict.columns(['from_node', 'to_node']).doNothing())
          .execute()
    })
  }

  async walk(node: LineageNode, direction: 'upstream' | 'downstream'): Promise<readonly LineageEdge[]> {
    const near = direction === 'upstream' ? 'to_node' : 'from_node'
    const far = direction === 'upstream' ? 'from_node' : 'to_node'
    const seen = new Set([nameOf(node)])
    const found: LineageEdge[] = []
    let frontier = [...seen]
    while (frontier.length > 0) {
      const rows = await this.#edgesAt(near, frontier)
      frontier = []
      for (const row of rows) {
        found.push({ from: nodeOf(row.from_node), to: nodeOf(row.to_node), at: row.made_at })
        if (seen.has(row[far])) continue
        seen.add(row[far])
        frontier.push(row[far])
      }
    }
    return found
  }

  /** One breadth-first level: every edge that has one of `nodes` at its `end`. */
  async #edgesAt(end: 'from_node' | 'to_node', nodes: readonly string[]) {
    const rows: { from_node: string; to_node: string; made_at: EpochMs }[] = []
    for (let start = 0; start < nodes.length; start += NODES_PER_QUERY)
      rows.push(
        ...(await this.#database
          .selectFrom('lineage_edges')
          .selectAll()
          .where(end, 'in', nodes.slice(start, start + NODES_PER_QUERY))
          .orderBy('from_node')
          .orderBy('to_node')
          .execute()),
      )
    return rows
  }
}

function nameOf(node: LineageNode): string {
  return `${node.kind}:${node.id}`
}

function nodeOf(name: string): LineageNode {
  const colon = name.indexOf(':')
  return { kind: name.slice(0, colon) as LineageNode['kind'], id: name.slice(colon + 1) }
}

export const lineageMigrations: Readonly<Record<string, Migration>> = {
  '001-lineage': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('lineage_edges')
        .addColumn('from_node', 'text', (column) => column.notNull())
        .addColumn('to_node', 'text', (column) => column.notNull())
        .addColumn('made_at', 'double precision', (column) => column.notNull())
        .addPrimaryKeyConstraint('lineage_edges_key', ['from_node', 'to_node'])
        .execute()
      await database.schema.createIndex('lineage_edges_by_to_node').on('lineage_edges').column('to_node').execute()
    },
  },
}
