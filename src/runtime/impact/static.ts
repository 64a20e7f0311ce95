import type { EpochMs } from '../../kernel/index.ts'
import type { Impact, ImpactNode } from './define.ts'
import { ownersOf } from './owners.ts'
import { type Columns, type Definitions, type Node, readersOf } from './readers.ts'

/**
 * What stands downstream of a contract by the project's definitions, nearest first. With `fields` (of the contract's
 * top level) columns are followed through models and views by their names; what reads the data but none of these
 * columns is listed as not touched, and nothing is said to stand behind it.
 *
 * @example downstreamOf(project, 'flights.arrived', ['arr_delay'], clock.now()).nodes
 */
export function downstreamOf(
  project: Definitions,
  topic: string,
  fields: readonly string[] | null,
  now: EpochMs,
): Omit<Impact, 'recorded'> {
  const nodes = walk({ kind: 'contract', name: topic }, fields, project)
  const contracts = nodes.filter(({ kind, touched }) => kind === 'contract' && touched).map(({ name }) => name)
  const owners = project.contracts
    .filter((contract) => contracts.includes(contract.topic) && contract.topic !== topic)
    .flatMap((contract) => ownersOf(contract, now).map((owner) => ({ ...owner, contract: contract.topic })))
  return { topic, fields, nodes, owners }
}

interface Found extends ImpactNode {
  readonly columns: Columns
}

/** Goes on until no node is reached by more columns than before: what several ways lead to is touched by all of them. */
function walk(start: Node, columns: Columns, project: Definitions): readonly ImpactNode[] {
  const found = new Map<string, Found>()
  const queue: { node: Node; columns: Columns; distance: number }[] = [{ node: start, columns, distance: 0 }]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { node, distance } = next
    for (const reader of readersOf(node, next.columns, project)) {
      const key = `${reader.kind} ${reader.name}`
      if (key === `${start.kind} ${start.name}`) continue
      const before = found.get(key)
      const merged = reader.touched
        ? union(before?.touched ? before.columns : [], reader.columns)
        : (before?.columns ?? [])
      const touched = reader.touched || (before?.touched ?? false)
      const grown = before === undefined || before.touched !== touched || !covers(before.columns, merged)
      if (!grown) continue
      const { via = `${node.kind} ${node.name}`, distance: known = distance + 1 } = before ?? {}
      found.set(key, {
        kind: reader.kind,
        name: reader.name,
        touched,
        columns: merged,
        fields: merged,
        via,
        distance: known,
      })
      if (touched) queue.push({ node: reader, columns: merged, distance: distance + 1 })
    }
  }
  return [...found.values()].map(({ columns: _, ...node }) => node).sort((a, b) => a.distance - b.distance)
}

function union(a: Columns, b: Columns): Columns {
  return a === null || b === null ? null : [...new Set([...a, ...b])].sort()
}

function covers(a: Columns, b: Columns): boolean {
  return a === null || (b?.every((column) => a.includes(column)) ?? false)
}
