import type { FieldPlan } from '../../../contract/index.ts'

/** One member of the events that a scanner expects, in the order they are written. */
export interface ExpectedMember {
  readonly name: string
  /** `null` for a member that the plan does not name: any JSON value. */
  readonly field: FieldPlan | null
  /** Of an object that the plan describes. */
  readonly members: readonly ExpectedMember[]
}

/**
 * The members of `value`, in its order, then those that earlier events had and the rest of the plan. Optional members
 * may be absent from an event, but those that are there must keep the order.
 */
export function shapeOf(
  fields: readonly FieldPlan[],
  value: object,
  earlier: readonly ExpectedMember[],
): readonly ExpectedMember[] {
  const byName = new Map(fields.map((field) => [field.name, field]))
  const before = new Map(earlier.map((member) => [member.name, member]))
  const here = Object.keys(value)
  const names = [...here]
  for (const [index, { name }] of earlier.entries()) {
    if (names.includes(name)) continue
    // It stands behind the member that it stood behind.
    const previous = earlier[index - 1]?.name
    names.splice(previous === undefined ? 0 : names.indexOf(previous) + 1, 0, name)
  }
  names.push(...[...byName.keys()].filter((name) => !names.includes(name)))
  return names.map((name) => {
    const field = byName.get(name) ?? null
    if (field?.type !== 'object') return { name, field, members: [] }
    const child: unknown = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : null
    const inner = typeof child === 'object' && child !== null ? child : {}
    return { name, field, members: shapeOf(field.fields ?? [], inner, before.get(name)?.members ?? []) }
  })
}

/** True where everything that `earlier` recognises is recognised by `later` too: its members follow in the same order. */
export function keepsOrder(later: readonly ExpectedMember[], earlier: readonly ExpectedMember[]): boolean {
  let at = -1
  return earlier.every((member) => {
    const next = later.findIndex(({ name }, index) => index > at && name === member.name)
    at = next
    return next >= 0 && keepsOrder(later[next]!.members, member.members)
  })
}
