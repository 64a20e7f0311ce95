import type { OfflineFeatures } from '../features/index.ts'
import { type LakeStore, tableName } from '../lake/index.ts'
import type { PublishedTable, TrainingSets } from '../pipelines/index.ts'
import type { Registry } from '../registry/index.ts'
import type { SlaStore } from '../sla/index.ts'

/**
 * Training sets for the orchestrator: point-in-time correct features over what is published, so that a training set is
 * made of audited data only and its snapshots can be named.
 */
export function trainingSets(parts: {
  readonly offline: OfflineFeatures
  readonly lake: LakeStore
  readonly sla: SlaStore
  readonly registry: Registry
}): TrainingSets {
  const { offline, lake, sla, registry } = parts
  const published = async (): Promise<readonly PublishedTable[]> => {
    const publications = new Map((await sla.publications()).map((publication) => [publication.contractId, publication]))
    return (await registry.all()).flatMap(({ contract }) => {
      const publication = publications.get(contract.id)
      if (!publication) return []
      const { table, snapshotId, publishedAt, heldSince } = publication
      return [
        { table, topic: contract.topic, snapshotId, publishedAt, heldSince, contractVersions: [contract.version] },
      ]
    })
  }
  return {
    dataVersion: published,
    async writeTrainingSet(service, spineSql, path) {
      const topics = Object.fromEntries(
        (await published())
          .filter(({ snapshotId }) => snapshotId > 0)
          .map(({ topic, snapshotId }) => [topic, lake.relationAt(tableName(topic), snapshotId)]),
      )
      return offline.writeTrainingSet(service, spineSql, path, { topics })
    },
  }
}
