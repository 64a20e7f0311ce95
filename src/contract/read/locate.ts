import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts'
import type { Path } from '../problem.ts'
import { type Entry, entries, member, textMember } from './members.ts'
import { type Position, readYaml } from './yaml.ts'

/** Parts of a contract that have no field, as comparisons name them, and the keys that they are written under. */
const PARTS: Readonly<Record<string, string>> = {
  topic: 'physicalName',
  key: 'customProperties',
  'event time': 'customProperties',
  'change data capture': 'customProperties',
}

/**
 * Where a part of a contract stands in its text, for annotations: a field as comparisons name it (`address.zip`,
 * `lines[].sku`, `labels{}`), narrowed to one of its rules where the text has it, or a key of the document such as
 * `slaProperties.latency`. Of what is not there it is the place of the nearest thing around it.
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
  const part = PARTS[path]
  const [first] = meant
  return yaml.locate(part === undefined || first === undefined ? path.split(/[.[]/).slice(0, 1) : [...first.path, part])
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
const RULE_KEYS: Readonly<Record<string, string>> = { type: 'logicalType', earliest: 'minimum', latest: 'maximum' }

/** The keys under a property that hold the rule; none where the property does not state it. */
function rulePath(document: JsonObject, field: Path, rule: string | undefined): Path {
  const value = rule === undefined ? undefined : valueAt(document, field)
  if (rule === undefined || !isJsonObject(value)) return []
  const key = RULE_KEYS[rule] ?? rule
  const options = member(value, 'logicalTypeOptions')
  if (isJsonObject(options) && Object.hasOwn(options, key)) return ['logicalTypeOptions', key]
  return Object.hasOwn(value, key) ? [key] : []
}

function valueAt(value: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((at, step) => (at as Record<string | number, Json> | undefined)?.[step], value)
}
