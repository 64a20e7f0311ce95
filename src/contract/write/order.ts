import { isMap, isScalar, isSeq, type Pair } from 'yaml'
import { isJsonObject, type Json } from '../../kernel/index.ts'
import { itemSchema, memberSchemas } from '../odcs/known-keys.ts'
import odcs from '../odcs/odcs-3.2.0.schema.json' with { type: 'json' }

/** What identifies an entry comes first, and what it says before the details. */
const HEAD: readonly string[] = [
  ...['apiVersion', 'kind', 'id', 'name', 'property', 'server', 'channel', 'username', 'role', 'synonym'],
  ...['version', 'status', 'type', 'environment', 'url', 'domain', 'tenant', 'dataProduct'],
  ...['physicalName', 'physicalType', 'businessName', 'description', 'logicalType', 'logicalTypeOptions'],
  ...['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'],
  ...['metric', 'rule', 'query', 'engine', 'implementation', 'arguments', 'key', 'value', 'valueExt'],
  ...['mustBe', 'mustNotBe', 'mustBeGreaterThan', 'mustBeGreaterOrEqualTo', 'mustBeLessThan'],
  ...['mustBeLessOrEqualTo', 'mustBeBetween', 'mustNotBeBetween', 'unit', 'element'],
]

/** What is long, or about the whole entry, comes last. */
const TAIL: readonly string[] = [
  ...[
    'tags',
    'authoritativeDefinitions',
    'customProperties',
    'context',
    'servers',
    'roles',
    'team',
    'support',
    'price',
  ],
  ...['relationships', 'quality', 'items', 'map', 'properties', 'members', 'schema', 'slaDefaultElement'],
  ...['slaProperties'],
]

/** Puts the keys of an ODCS document, a YAML tree that holds `document`, in one order everywhere. */
export function orderKeys(node: unknown, document: Json): void {
  order(node, document, odcs)
  // A blank line that stood before a section is none inside the head of the document.
  if (isMap(node))
    for (const { key } of node.items.filter((pair) => FIRST.includes(keyOf(pair))))
      if (isScalar(key) && !key.commentBefore) key.spaceBefore = false
}

const FIRST: readonly string[] = ['apiVersion', 'kind', 'id', 'name', 'version', 'status']

function order(node: unknown, value: Json, schema: object): void {
  if (isSeq(node) && Array.isArray(value)) {
    const inner = itemSchema(odcs, schema, value as Json)
    for (const [index, item] of node.items.entries()) order(item, value[index] as Json, inner)
  }
  if (!isMap(node) || !isJsonObject(value)) return
  const members = memberSchemas(odcs, schema, value)
  // A value that ODCS leaves open is its author's affair.
  if (members.size === 0) return
  const known = [...members.keys()]
  node.items.sort((a, b) => rank(keyOf(a), known) - rank(keyOf(b), known))
  for (const pair of node.items) order(pair.value, value[keyOf(pair)] ?? null, members.get(keyOf(pair)) ?? {})
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : ''
}

function rank(key: string, known: readonly string[]): number {
  const head = HEAD.indexOf(key)
  if (head >= 0) return head
  const tail = TAIL.indexOf(key)
  if (tail >= 0) return 2_000 + tail
  const place = known.indexOf(key)
  return 1_000 + (place < 0 ? known.length : place)
}
