import type { EventBus } from '../../kernel/index.ts'
import { edge, endpointNode, type LineageEdge, modelNode, topicNode } from '../../metadata/index.ts'
import { rawTopic } from '../../topic/index.ts'

/**
 * Records what serves where: model version → endpoint, endpoint → raw topic of the predictions. Returns what ends it.
 *
 * @example
 * const lineage = recordLineage(events, store)
 * recordServingLineage(events, lineage.record)
 */
export function recordServingLineage(
  events: EventBus,
  record: (edges: readonly LineageEdge[]) => Promise<void>,
): () => void {
  return events.on('serving.scored', ({ endpoint, predictions, modelVersions, at }) => {
    if (modelVersions.length === 0) return
    const served = endpointNode(endpoint)
    return record([
      ...modelVersions.map(({ model, version }) => edge(modelNode(model, version), served, at)),
      edge(served, topicNode(rawTopic(predictions)), at),
    ])
  })
}
