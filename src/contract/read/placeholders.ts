/** What other tools and earlier versions of ODCS write in the SQL of a quality rule, in `{…}` or `${…}`. */
export const PLACEHOLDERS: ReadonlyMap<string, 'object' | 'property'> = new Map([
  ['object', 'object'],
  ['table', 'object'],
  ['model', 'object'],
  ['property', 'property'],
  ['column', 'property'],
  ['field', 'property'],
])

/** @example plainPlaceholders('SELECT max(${column}) FROM ${table}') // 'SELECT max({property}) FROM {object}' */
export function plainPlaceholders(query: string): string {
  return query.replace(/\$?\{(\w+)\}/g, (whole, name: string) => {
    const meant = PLACEHOLDERS.get(name)
    return meant === undefined ? whole : `{${meant}}`
  })
}

/** The placeholders of a query that nothing fills. */
export function unknownPlaceholders(query: string): readonly string[] {
  // Braces in a text or a comment of the query, a repetition in a pattern ({3}), or those of a DuckDB struct are no placeholders.
  return [...query.matchAll(/(?<![$\w'])\{([A-Za-z_]\w*)\}/g)].flatMap(([, name]) =>
    PLACEHOLDERS.has(name!) ? [] : [name!],
  )
}
