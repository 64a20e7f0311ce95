import { CovenantError } from '../../kernel/index.ts'

/** The items with the given names, or all where none is given; an unknown name is an error that lists the known ones. */
export function pick<T>(
  kind: string,
  items: readonly T[],
  nameOf: (item: T) => string,
  names: readonly string[],
): readonly T[] {
  const known = items.map(nameOf)
  for (const name of names)
    if (!known.includes(name))
      throw new CovenantError({
        code: 'PROJECT_NAME_UNKNOWN',
        message: `There is no ${kind} ${name}.`,
        remedy: `Known: ${known.join(', ') || 'none'}.`,
      })
  return names.length === 0 ? items : items.filter((item) => names.includes(nameOf(item)))
}
