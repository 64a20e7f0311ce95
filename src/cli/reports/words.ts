import type { CheckReport, ContractReview } from '../../runtime/check/define.ts'
import type { Impact, ImpactKind, ImpactNode } from '../../runtime/impact/define.ts'

/** `1 contract`, `2 contracts`. */
function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

export function headline({ contracts, mergeable, base }: CheckReport): string {
  const changed = contracts.filter(({ change }) => change !== 'unchanged')
  if (changed.length === 0 && mergeable) return `No contract changed since ${base.name}.`
  const verdict = mergeable ? 'may be merged' : 'must not be merged as it is'
  return `${counted(changed.length, 'contract')} changed since ${base.name} (${base.commit.slice(0, 12)}): this ${verdict}.`
}

/** `1.0.0 → 1.1.0`. */
export function versions({ baseVersion, proposedVersion }: ContractReview): string {
  if (baseVersion === null || proposedVersion === null) return proposedVersion ?? baseVersion ?? '–'
  return baseVersion === proposedVersion ? baseVersion : `${baseVersion} → ${proposedVersion}`
}

const KIND_NAMES: Readonly<Record<ImpactKind, string>> = {
  topic: 'topics',
  'lake-table': 'lake tables',
  'warehouse-model': 'warehouse models',
  'feature-view': 'feature views',
  'feature-service': 'feature services',
  pipeline: 'pipelines',
  model: 'models',
  endpoint: 'endpoints',
  monitor: 'monitors',
  trigger: 'triggers',
  contract: 'contracts',
}

/** What is touched, by kind in the order of the flow: `['feature views', ['weather_now (pressure)']]`. */
export function impactLines({
  nodes,
}: Pick<Impact, 'nodes'>): readonly (readonly [kind: string, names: readonly string[]])[] {
  return (Object.keys(KIND_NAMES) as ImpactKind[]).flatMap((kind) => {
    const names = nodes.filter((node) => node.kind === kind && node.touched).map(nodeName)
    return names.length === 0 ? [] : [[KIND_NAMES[kind], names] as const]
  })
}

function nodeName({ kind, name, fields }: ImpactNode): string {
  const shown = kind === 'warehouse-model' || kind === 'feature-view' ? (fields ?? []) : []
  return shown.length === 0 ? name : `${name} (${shown.join(', ')})`
}

/** What lineage has recorded, in one sentence; `null` where it has recorded nothing, or there is no state folder. */
export function recordedLine({ recorded }: Impact): string | null {
  if (recorded === null || recorded.contractVersions.length + recorded.snapshots + recorded.runs === 0) return null
  const models = recorded.models.map(
    ({ model, version, aliases }) => `${model}@${version}${aliases.length > 0 ? ` (${aliases.join(', ')})` : ''}`,
  )
  const parts = [
    counted(recorded.snapshots, 'snapshot'),
    counted(recorded.datasets, 'dataset'),
    counted(recorded.runs, 'run'),
  ]
  const made = models.length === 0 ? '' : `; model versions ${models.join(', ')}`
  const served = recorded.endpoints.length === 0 ? '' : `; endpoints ${recorded.endpoints.join(', ')}`
  return `${parts.join(', ')}${made}${served}`
}
