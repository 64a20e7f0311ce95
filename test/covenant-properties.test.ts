import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { PROPERTY_NAMES, propertySchema } from '../src/contract/index.ts'
import { isJsonObject, type Json, type JsonObject } from '../src/kernel/index.ts'

const PAGE = 'docs/reference/covenant-properties.md'
const page = readFileSync(new URL(`../${PAGE}`, import.meta.url), 'utf8')

/** What the page must say about a property, made from its JSON schema. */
function sectionOf(name: string): string {
  const schema = propertySchema(name)!
  const rows = membersOf(schema, '').map(
    ({ path, type, required, description }) =>
      `| \`${path}\` | ${type} | ${required ? 'yes' : 'no'} | ${description} |`,
  )
  const table =
    rows.length === 0 ? [] : ['', '| member | type | required | meaning |', '| --- | --- | --- | --- |', ...rows]
  const words = Array.isArray(schema.enum) ? ` One of ${typeOf(schema)}.` : ''
  return [`## \`${name}\``, '', `${schema.description}${words} Its schema is \`${schema.$id}\`.`, ...table].join('\n')
}

interface Member {
  readonly path: string
  readonly type: string
  readonly required: boolean
  readonly description: string
}

function membersOf(schema: JsonObject, path: string): readonly Member[] {
  if (isJsonObject(schema.items)) return membersOf(schema.items, `${path}[]`)
  if (!isJsonObject(schema.properties)) return []
  const required = (schema.required ?? []) as readonly Json[]
  return Object.entries(schema.properties).flatMap(([key, member]) => {
    const at = path === '' ? key : `${path}.${key}`
    const part = member as JsonObject
    const own = {
      path: at,
      type: typeOf(part),
      required: required.includes(key),
      description: String(part.description),
    }
    return [own, ...membersOf(part, at)]
  })
}

function typeOf(schema: JsonObject): string {
  if (Array.isArray(schema.enum)) return (schema.enum as Json[]).map((value) => `\`${String(value)}\``).join(', ')
  if (isJsonObject(schema.items)) return `list of ${typeOf(schema.items)}`
  const range = ['minimum', 'exclusiveMinimum', 'maximum', 'default'].flatMap((key) =>
    schema[key] === undefined ? [] : [`${key} ${String(schema[key])}`],
  )
  return [String(schema.type), ...range].join(', ')
}

suite(PAGE, () => {
  for (const name of PROPERTY_NAMES)
    test(`describes ${name} as its schema does`, () => {
      const section = sectionOf(name)
      assert.ok(page.includes(section), `The page must hold this:\n\n${section}\n`)
    })

  test('describes no other', () => {
    const described = [...page.matchAll(/^## `(covenant\.\w+)`/gm)].map(([, name]) => name)
    assert.deepEqual(described, [...PROPERTY_NAMES])
  })

  test('gives each schema a title and an address of its own', () => {
    const ids = PROPERTY_NAMES.map((name) => propertySchema(name)?.$id)
    assert.equal(new Set(ids).size, ids.length)
    for (const name of PROPERTY_NAMES) assert.equal(propertySchema(name)?.title, name)
  })
})
