import type { AggregateName, FeatureView } from '../../src/features/index.ts'
import { type Json, parseDuration } from '../../src/kernel/index.ts'

/** An event or model row; `order` breaks ties of `time`. */
export interface Happening {
  readonly time: number
  readonly order: readonly number[]
  readonly members: Readonly<Record<string, Json>>
}

/** The features of a view as its documentation defines them, by looking at every event: slow and plain. */
export function windowsByDefinition(
  view: FeatureView,
  happenings: readonly Happening[],
  request: Readonly<Record<string, Json>>,
  q: number,
): (number | null)[] {
  const { keys } = view.entity
  const known = keys.every((key) => request[key] != null)
  const own = happenings
    .filter(
      ({ members }) => known && keys.every((key) => members[key] != null && `${members[key]}` === `${request[key]}`),
    )
    .sort((a, b) => a.time - b.time || compare(a.order, b.order))
  return Object.values(view.features).map(({ aggregate, field, window }) => {
    const inWindow = own.filter(({ time }) => time >= q - parseDuration(window)! && time < q)
    if (field === null) return inWindow.length
    const values = inWindow.map(({ members }) => asNumber(members[field]))
    return AGGREGATES[aggregate](values)
  })
}

const AGGREGATES: Readonly<Record<AggregateName, (values: readonly (number | null)[]) => number | null>> = {
  count: (values) => present(values).length,
  sum: (values) => (present(values).length === 0 ? null : total(values)),
  mean: (values) => (present(values).length === 0 ? null : total(values) / present(values).length),
  min: (values) => (present(values).length === 0 ? null : Math.min(...present(values))),
  max: (values) => (present(values).length === 0 ? null : Math.max(...present(values))),
  last: (values) => values.at(-1) ?? null,
}

function present(values: readonly (number | null)[]): readonly number[] {
  return values.filter((value) => value !== null)
}

function total(values: readonly (number | null)[]): number {
  return present(values).reduce((sum, value) => sum + value, 0)
}

function asNumber(value: Json | undefined): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'number' ? value : null
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, part] of a.entries()) if (part !== b[index]) return part - b[index]!
  return 0
}
