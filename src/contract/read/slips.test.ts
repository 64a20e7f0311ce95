import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { odcsDocuments } from '../../../test/contract/from-schema.ts'
import { ORDERS } from '../../../test/contract/orders.ts'
import { SHOP } from '../../../test/contract/shop.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts'
import { checkStructure } from '../odcs/structure.ts'
import { formatPath, type Path } from '../problem.ts'
import { parseContracts } from './index.ts'
import { readYaml } from './yaml.ts'

/** Places whose keys are their author's affair. */
const OPEN: readonly string[] = ['arguments', 'implementation', 'examples', 'enum']

/** All mappings of a document whose keys ODCS names. */
function mappings(value: Json, path: Path = []): readonly Path[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => mappings(item as Json, [...path, index]))
  if (!isJsonObject(value)) return []
  const inner = Object.entries(value).flatMap(([key, member]) =>
    OPEN.includes(key) || (key === 'value' && path.at(-2) === 'customProperties')
      ? []
      : mappings(member, [...path, key]),
  )
  return [path, ...inner]
}

/** The document with one more key in the mapping at `path`. */
function withKey(value: Json, path: Path, key: string): Json {
  const [step, ...rest] = path
  if (step === undefined) return { ...(value as JsonObject), [key]: 1 }
  if (Array.isArray(value))
    return value.map((item, index) => (index === step ? withKey(item as Json, rest, key) : item)) as Json
  return { ...(value as JsonObject), [step]: withKey((value as JsonObject)[step]!, rest, key) }
}

function structureErrors(document: Json): readonly string[] {
  const found: string[] = []
  checkStructure(document, { error: (path) => void found.push(formatPath(path)), warning: () => {} })
  return found
}

test('an unknown key is told, wherever in a document it stands', () => {
  let tried = 0
  fc.assert(
    fc.property(odcsDocuments(), fc.nat(), (document, seed) => {
      if (structureErrors(document).length > 0) return
      const places = mappings(document).filter((path) => path.at(-1) !== 'logicalTypeOptions')
      const place = places[seed % places.length]!
      tried++
      assert.deepEqual(structureErrors(withKey(document, place, 'quailty9')), [formatPath([...place, 'quailty9'])])
    }),
    { numRuns: 150 },
  )
  assert.ok(tried > 30, `${tried} documents conform`)
})

/** Values that are words of a language: a slip in one is told. In the others anything may stand. */
const WORDS: readonly string[] = [
  ...['apiVersion', 'kind', 'status', 'type', 'logicalType', 'metric', 'dimension', 'severity', 'scheduler', 'unit'],
  ...['key', 'eventTime', 'element', 'to', 'covenant.stream', 'pattern', 'schedule', 'role', 'driver'],
]

suite('a slip in any key of a contract is told', () => {
  for (const [name, text] of Object.entries({ ORDERS, SHOP })) {
    const known = new Set(parseContracts(text, 'x').problems.map(({ message }) => message))
    for (const [index, line] of text.split('\n').entries()) {
      const [, before, key] = /^([ -]*)(\w+):/.exec(line) ?? []
      if (key === undefined || key.length < 3) continue
      // Two letters exchanged, which never makes another key of ODCS.
      const slip = `${key[0]}${key[2]}${key[1]}${key.slice(3)}`
      if (slip === key) continue
      test(`${name}: ${line.trim()}`, () => {
        const lines = text.split('\n')
        lines[index] = `${before}${slip}${line.slice(before!.length + key.length)}`
        const told = parseContracts(lines.join('\n'), 'x').problems.filter(({ message }) => !known.has(message))
        assert.ok(
          told.some((problem) => problem.line === index + 1 && problem.severity === 'error'),
          JSON.stringify(told),
        )
      })
    }
  }
})

suite('a slip in any word that means something is told', () => {
  const known = new Set(parseContracts(ORDERS, 'x').problems.map(({ message }) => message))
  for (const [index, line] of ORDERS.split('\n').entries()) {
    const [, before, key, word] = /^([ -]*(\w+): \[?)([A-Za-z]\w{3,})/.exec(line) ?? []
    if (before === undefined || key === undefined || word === undefined || !WORDS.includes(key) || word[1] === word[2])
      continue
    test(line.trim(), () => {
      const lines = ORDERS.split('\n')
      const slip = `${word[0]}${word[2]}${word[1]}${word.slice(3)}`
      assert.notEqual(slip, word)
      lines[index] = `${before}${slip}${line.slice(before.length + word.length)}`
      const told = parseContracts(lines.join('\n'), 'x').problems.filter(({ message }) => !known.has(message))
      assert.ok(
        told.some(({ severity }) => severity === 'error'),
        `${lines[index]}: ${JSON.stringify(told)}`,
      )
    })
  }
})

test('the fixtures are read as YAML', () => {
  for (const text of [ORDERS, SHOP]) assert.deepEqual(readYaml(text).problems, [])
})
