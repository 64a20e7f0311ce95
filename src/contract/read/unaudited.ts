import type { Report } from '../problem.ts'
import { type Entry, entries, flagMember, member, objectMember, textMember } from './members.ts'

/** Keys of a field that only the audit of whole rows looks at. */
const OF_ROWS = ['unique', 'primaryKey'] as const

/** Says what ODCS allows on the fields of a schema object and nothing looks at. */
export function checkUnaudited(object: Entry, report: Report): void {
  for (const property of entries(object.value, 'properties', object.path)) {
    checkPositions(property, report)
    for (const inner of nested(property)) checkNested(inner, report)
  }
}

/** Everything inside a property: members of an object, items of a list, values of a map. */
function nested({ value, path }: Entry): readonly Entry[] {
  const map = objectMember(value, 'map')
  const inner = [
    ...entries(value, 'properties', path),
    ...single(value, 'items', path),
    ...(map === null ? [] : single(map, 'value', [...path, 'map'])),
  ]
  return inner.flatMap((entry) => [entry, ...nested(entry)])
}

function single(owner: Entry['value'], key: string, path: Entry['path']): readonly Entry[] {
  const value = objectMember(owner, key)
  return value === null ? [] : [{ value, path: [...path, key] }]
}

function checkPositions({ value, path }: Entry, report: Report): void {
  const pairs = [
    ['primaryKeyPosition', 'primaryKey'],
    ['partitionKeyPosition', 'partitioned'],
  ] as const
  for (const [position, flag] of pairs) {
    const given = member(value, position)
    if (given !== undefined && given !== -1 && !flagMember(value, flag))
      report.warning(
        [...path, position],
        'CONTRACT_NOT_ENFORCED',
        `"${position}" means nothing without "${flag}: true".`,
      )
  }
}

function checkNested({ value, path }: Entry, report: Report): void {
  for (const key of OF_ROWS)
    if (flagMember(value, key))
      report.warning(
        [...path, key],
        'CONTRACT_NOT_ENFORCED',
        `"${key}" is not audited inside another field: only of the fields of the schema object.`,
      )
  for (const rule of entries(value, 'quality', path))
    report.warning(
      rule.path,
      'CONTRACT_NOT_ENFORCED',
      `The quality rule${name(rule)} is not checked inside another field: move it to a field of the schema object.`,
    )
}

function name({ value }: Entry): string {
  const text = textMember(value, 'id') ?? textMember(value, 'name')
  return text === null ? '' : ` "${text}"`
}
