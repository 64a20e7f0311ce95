import { replaceInputs } from './parse.ts'

/** Where names of columns go in a model. */
export interface ColumnUse {
  /** Those of the asked names that the SQL names, sorted. */
  readonly named: readonly string[]
  /** Columns of the result that may hold something of them; `null` where it may be any column, or any row. */
  readonly outputs: readonly string[] | null
}

interface Token {
  readonly text: string
  /** Name in lower case, of an identifier; else `null`. */
  readonly name: string | null
  /** How many brackets stand open. */
  readonly depth: number
}

/** One item of a SELECT list. */
interface Item {
  readonly names: readonly string[]
  /** `null` for a star, or where the item has no name. */
  readonly alias: string | null
  readonly star: boolean
  readonly depth: number
}

const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"((?:[^"]|"")*)"|([A-Za-z_][A-Za-z0-9_$]*)|[0-9.]+|[()*,]|[^\s]/g
/** What ends a SELECT list. */
const LIST_ENDS: ReadonlySet<string> = new Set([
  'from',
  'where',
  'group',
  'having',
  'qualify',
  'order',
  'limit',
  'union',
  'intersect',
  'except',
  'window',
])

/**
 * Follows columns through a model's SQL by their names. It is cautious: it does not tell columns of one name in two
 * inputs apart, and a column that decides about rows (in a condition, a join or a grouping) touches every column.
 *
 * @example
 * columnUse("SELECT flight_id, arr_delay > 15 AS late FROM source('flights.arrived')", ['arr_delay'])
 * // { named: ['arr_delay'], outputs: ['late'] }
 */
export function columnUse(sql: string, columns: readonly string[]): ColumnUse {
  const tokens = tokensOf(sql)
  const asked = new Map(columns.map((column) => [column.toLowerCase(), column]))
  const { items, others } = selectLists(tokens)
  const named = [...new Set([...items.flatMap(({ names }) => names), ...others])].flatMap(
    (name) => asked.get(name) ?? [],
  )
  const touched = closure(items, new Set(asked.keys()))
  const final = items.filter(({ depth }) => depth === 0)
  const starred = final.length === 0 || final.some(({ star }) => star)
  if (others.some((name) => touched.has(name))) return { named: named.sort(), outputs: null }
  const outputs = final.flatMap(({ alias, names }) =>
    alias !== null && names.some((name) => touched.has(name)) ? [alias] : [],
  )
  return { named: named.sort(), outputs: [...new Set([...outputs, ...(starred ? touched : [])])].sort() }
}

/** The names, and in rounds the aliases of what is made of them. */
function closure(items: readonly Item[], names: ReadonlySet<string>): ReadonlySet<string> {
  const touched = new Set(names)
  for (let before = -1; before !== touched.size; ) {
    before = touched.size
    for (const item of items)
      if (item.alias !== null && item.names.some((name) => touched.has(name))) touched.add(item.alias)
  }
  return touched
}

function tokensOf(sql: string): readonly Token[] {
  let depth = 0
  // Topics and models that are read are no columns.
  return [...replaceInputs('', sql, () => "''").matchAll(TOKEN)].flatMap(([text, quoted, plain]) => {
    if (text.startsWith('--') || text.startsWith('/*')) return []
    if (text === ')') depth--
    const token = { text, name: (quoted?.replaceAll('""', '"') ?? plain)?.toLowerCase() ?? null, depth }
    if (text === '(') depth++
    return [token]
  })
}

/** The items of all SELECT lists, and the names that stand elsewhere, but not in the last ORDER BY. */
function selectLists(tokens: readonly Token[]): { items: readonly Item[]; others: readonly string[] } {
  const items: Item[] = []
  const others: string[] = []
  const open: { depth: number; item: Token[] }[] = []
  let ordering = false
  const close = (): void => {
    const list = open.at(-1)!
    if (list.item.length > 0) items.push(itemOf(list.item, list.depth))
    // What a subquery names belongs to the item that it stands in, too.
    open.at(-2)?.item.push(...list.item)
    list.item = []
  }
  for (const token of tokens) {
    const list = open.at(-1)
    const atList = list !== undefined && token.depth === list.depth
    if (list !== undefined && token.depth < list.depth) {
      close()
      open.pop()
    } else if (atList && token.name !== null && LIST_ENDS.has(token.name)) {
      close()
      open.pop()
    } else if (atList && token.text === ',') {
      close()
      continue
    }
    if (token.depth === 0 && token.name !== null && LIST_ENDS.has(token.name)) ordering = token.name === 'order'
    if (token.name === 'select') open.push({ depth: token.depth, item: [] })
    else if (open.length > 0) open.at(-1)!.item.push(token)
    else if (token.name !== null && !ordering) others.push(token.name)
  }
  while (open.length > 0) {
    close()
    open.pop()
  }
  return { items, others }
}

function itemOf(tokens: readonly Token[], depth: number): Item {
  const own = tokens.filter((token) => token.depth === depth)
  const star = own.some(({ text }, index) => text === '*' && (index === 0 || own[index - 1]!.text === '.'))
  const last = own.at(-1)
  const names = tokens.flatMap(({ name }) => (name === null ? [] : [name]))
  return { names, alias: star ? null : (last?.name ?? null), star, depth }
}
