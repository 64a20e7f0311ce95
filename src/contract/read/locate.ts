import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts'
import type { Path } from '../problem.ts'
import { type Entry, entries, member, textMember } from './members.ts'
import { type Position, readYaml } from './yaml.ts'

/** Parts of a contract that are no fields, as comparisons name them: keys of the document, or of the schema object. */
const DOCUMENT_PARTS: ReadonlyMap<string, Path> = new Map([
  ['owner', ['team']],
  ['purpose', ['description', 'purpose']],
])
const OBJECT_PARTS: ReadonlyMap<string, string> = new Map([
  ['topic', 'physicalName'],
  ['relationships', 'relationships'],
])

/** Parts that stand in a custom property. */
const PROPERTIES: ReadonlyMap<string, string> = new Map([
  ['key', 'covenant.stream'],
  ['event time', 'covenant.stream'],
  ['change data capture', 'covenant.stream'],
  ['migrations', 'covenant.migrations'],
  ['deadLetters', 'covenant.dlq'],
  ['compatibility', 'covenant.compatibility'],
])

/** Service levels that may be written under another name. */
const LEVEL_ALIASES: ReadonlyMap<string, string> = new Map([['latency', 'freshness']])

/**
 * Where a part of a contract stands in its text, for annotations: a field as comparisons name it (`address.zip`,
 * `lines[].sku`, `labels{}`), narrowed to one of its rules where the text has it, a rule (`quality.few-nulls`,
 * `rules.adds-up`), a service level (`slaProperties.latency`, of one
 * element `slaProperties.latency(dep_time)`), or another part (`key`, `team` …). Of what is not there
 * it is the place of the nearest thing around it.
 *
 * @param object Name of the schema object that is meant, where there are several; without it, the first counts.
 * @example locate(contract.source, 'dep_delay', 'maximum') // { line: 121, column: 31 }
 */
export function locate(yamlText: string, path: string, rule?: string, object?: string): Position {
  const yaml = readYaml(yamlText)
  if (!isJsonObject(yaml.value)) return { line: 1, column: 1 }
  const document: JsonObject = yaml.value
  const objects = entries(document, 'schema', [])
  const own = objects.filter(({ value }) => textMember(value, 'name') === object)
  const meant = own.length > 0 ? own : objects
  const field = fieldPath(meant, path)
  if (field !== null) return yaml.locate([...field, ...rulePath(document, field, rule)])
  return yaml.locate(partPath(document, meant, path) ?? path.split('.').slice(0, 1))
}

function partPath(document: JsonObject, objects: readonly Entry[], path: string): Path | undefined {
  const [, list, name] = /^(quality|rules|slaProperties)\.(.+)$/.exec(path) ?? []
  if (list === 'slaProperties') return levelPath(document, name!)
  if (name !== undefined) return rulesOf(objects).find(({ value }) => isCalled(value, name))?.path
  const key = OBJECT_PARTS.get(path)
  if (key !== undefined && objects[0] !== undefined) return [...objects[0].path, key]
  return DOCUMENT_PARTS.get(path) ?? propertyPath([...objects, { value: document, path: [] }], PROPERTIES.get(path))
}

/** The level of a property, and of an element where one is named: `latency(lines[].sku)`. */
function levelPath(document: JsonObject, name: string): Path | undefined {
  const [, property, field] = /^([^(]+)(?:\((.*)\))?$/.exec(name) ?? []
  const levels = [property!, LEVEL_ALIASES.get(property!)].flatMap((level) =>
    entries(document, 'slaProperties', []).filter(({ value }) => textMember(value, 'property') === level),
  )
  const isAbout = ({ value }: Entry) => `.${textMember(value, 'element') ?? ''}`.endsWith(`.${field}`)
  return (field === undefined ? levels : [...levels.filter(isAbout), ...levels]).at(0)?.path
}

function isCalled(value: JsonObject, name: string): boolean {
  return textMember(value, 'id') === name || textMember(value, 'name') === name
}

/** All quality rules, of schema objects and of their properties on every level. */
function rulesOf(parents: readonly Entry[]): readonly Entry[] {
  return parents.flatMap(({ value, path }) => [
    ...entries(value, 'quality', path),
    ...rulesOf(entries(value, 'properties', path)),
  ])
}

function propertyPath(parents: readonly Entry[], property: string | undefined): Path | undefined {
  return parents
    .flatMap(({ value, path }) => entries(value, 'customProperties', path))
    .find(({ value }) => textMember(value, 'property') === property)?.path
}

/** The path of the deepest property that `path` names; `null` where it begins with no property of the contract. */
function fieldPath(objects: readonly Entry[], path: string): Path | null {
  for (const object of objects) {
    const found = within(object.value, object.path, path)
    if (found !== null) return found
  }
  return null
}

function within(parent: JsonObject, at: Path, path: string): Path | null {
  for (const property of entries(parent, 'properties', at)) {
    const name = textMember(property.value, 'name')
    if (name === null || !(path === name || /^(\.|\[\]|\{\})/.test(path.slice(name.length)))) continue
    if (!path.startsWith(name)) continue
    return below(property.value, property.path, path.slice(name.length))
  }
  return null
}

/** `rest` is what follows a property's name: empty, `.zip`, `[].sku`, `{}`. */
function below(value: JsonObject, at: Path, rest: string): Path {
  if (rest.startsWith('.')) return within(value, at, rest.slice(1)) ?? at
  const steps = rest.startsWith('[]') ? ['items'] : rest.startsWith('{}') ? ['map', 'value'] : []
  const inner = steps.length === 0 ? undefined : valueAt(value, steps)
  return isJsonObject(inner) ? below(inner, [...at, ...steps], rest.slice(2)) : at
}

/** What the rules of a comparison are called in ODCS. */
const RULE_KEYS: ReadonlyMap<string, string> = new Map([
  ['type', 'logicalType'],
  ['earliest', 'minimum'],
  ['latest', 'maximum'],
])

/** The keys under a property that hold the rule; none where the property does not state it. */
function rulePath(document: JsonObject, field: Path, rule: string | undefined): Path {
  const value = rule === undefined ? undefined : valueAt(document, field)
  if (rule === undefined || !isJsonObject(value)) return []
  const key = RULE_KEYS.get(rule) ?? rule
  const options = member(value, 'logicalTypeOptions')
  if (isJsonObject(options) && Object.hasOwn(options, key)) return ['logicalTypeOptions', key]
  return Object.hasOwn(value, key) ? [key] : []
}

function valueAt(value: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((at, step) => (at as Record<string | number, Json> | undefined)?.[step], value)
}
