import { sha256, VirtualClock } from '../../src/kernel/index.ts'
import { openCovenant } from '../../src/runtime/index.ts'
import { PROJECT_DIR } from './demo-process.ts'

/**
 * The content of a state folder in a form that two folders can be compared by: every topic, table, run, step, metric,
 * model, signal, audit and monitor value. Left out is only how long work took.
 */
export async function digestOf(stateDir: string): Promise<Readonly<Record<string, unknown>>> {
  const covenant = await openCovenant({ projectDir: PROJECT_DIR, stateDir, clock: new VirtualClock(0) })
  try {
    const { stores, engine } = covenant
    const tables: Record<string, unknown> = {}
    for (const { catalog, schema, name } of await tableNames(covenant)) {
      const [row] = await engine.query(
        `SELECT count(*) AS rows, coalesce(bit_xor(hash(columns_of))::VARCHAR, '') AS content FROM (SELECT t AS columns_of FROM ${catalog}.${schema}.${name} t)`,
      )
      tables[`${catalog}.${schema}.${name}`] = row
    }
    const topics: Record<string, unknown> = {}
    for (const { topic, partitions } of await stores.log.topics())
      for (let partition = 0; partition < partitions; partition += 1)
        topics[`${topic}/${partition}`] = await topicHash(covenant, topic, partition)
    const runs = await stores.runs.runs()
    const steps = (await Promise.all(runs.map(({ id }) => stores.runs.steps(id)))).flat()
    return {
      topics,
      tables,
      runs,
      steps: steps.map(({ durationMs: _durationMs, cached: _cached, ...step }) => step),
      metrics: await Promise.all(runs.map(({ id }) => stores.runs.metrics(id))),
      models: await stores.models.versions(),
      aliases: await stores.models.aliasHistory(),
      signals: await stores.ledger.entries(),
      audits: await stores.sla.audits(),
      publications: await stores.sla.publications(),
      points: (await Promise.all(covenant.project.monitors.map(({ name }) => stores.monitors.points(name)))).flat(),
      alerts: await stores.monitors.alerts(),
    }
  } finally {
    await covenant.close()
  }
}

async function tableNames({ engine }: Awaited<ReturnType<typeof openCovenant>>) {
  const rows = await engine.query(
    `SELECT database_name AS catalog, schema_name AS schema, table_name AS name FROM duckdb_tables()
     WHERE database_name IN ('lake', 'warehouse') ORDER BY ALL`,
  )
  return rows.map(({ catalog, schema, name }) => ({
    catalog: String(catalog),
    schema: String(schema),
    name: String(name),
  }))
}

async function topicHash({ stores }: Awaited<ReturnType<typeof openCovenant>>, topic: string, partition: number) {
  let content = ''
  let offset = 0
  for (;;) {
    const records = await stores.log.read(topic, partition, offset, 5_000)
    if (records.length === 0) return { records: offset, content }
    const parts = records.map(({ key, value, headers, timestamp }) => [
      key && Buffer.from(key).toString('base64'),
      value && Buffer.from(value).toString('base64'),
      headers,
      timestamp,
    ])
    content = sha256(content + JSON.stringify(parts))
    offset += records.length
  }
}
