import { contractNode, type LineageNode, topicNode } from '../../metadata/index.ts'
import { rawTopic } from '../../topic/index.ts'
import type { Stores } from '../stores.ts'
import type { RecordedImpact } from './define.ts'

/** What lineage has recorded downstream of a contract, in whatever version; reads only. */
export async function recordedImpact(
  stores: Stores,
  topic: string,
  versions: readonly string[],
): Promise<RecordedImpact> {
  const found = new Map<string, LineageNode>()
  const known: string[] = []
  const starts = [topicNode(rawTopic(topic)), ...versions.map((version) => contractNode(topic, version))]
  for (const start of starts) {
    const edges = await stores.lineage.walk(start, 'downstream')
    if (start.kind === 'contract' && edges.length > 0) known.push(start.id.slice(topic.length + 1))
    for (const { to } of edges) found.set(`${to.kind} ${to.id}`, to)
  }
  const ids = (kind: LineageNode['kind']) =>
    [...found.values()].filter((node) => node.kind === kind).map(({ id }) => id)
  return {
    contractVersions: known,
    models: await modelVersions(stores, ids('model')),
    endpoints: ids('endpoint').sort(),
    runs: ids('run').length,
    datasets: ids('dataset').length,
    snapshots: ids('snapshot').length,
  }
}

async function modelVersions(stores: Stores, ids: readonly string[]): Promise<RecordedImpact['models']> {
  const aliases = new Map<string, number>()
  for (const { model, alias, version } of await stores.models.aliasHistory())
    aliases.set(JSON.stringify([model, alias]), version)
  const pointing = (model: string, version: number) =>
    [...aliases].flatMap(([key, at]) => {
      const [of, alias] = JSON.parse(key) as [string, string]
      return of === model && at === version ? [alias] : []
    })
  const wanted = new Set(ids)
  return (await stores.models.versions())
    .filter(({ model, version }) => wanted.has(`${model}@${version}`))
    .map(({ model, version, runId }) => ({ model, version, runId, aliases: pointing(model, version).sort() }))
}
