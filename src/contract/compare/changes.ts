import { canonicalJson, type Json } from '../../kernel/index.ts'
import type { Contract, Field, Incompatibility, PartChange, VersionBump } from '../define.ts'
import { compatibility } from './index.ts'
import { binding } from './modes.ts'
import { flatFields } from './semantics.ts'
import { levelPath } from './service-levels.ts'
import { shown } from './shown.ts'

/**
 * Everything that differs between two versions of a contract, and what each difference means for the next version. What
 * breaks somebody comes first. A break that the older version's compatibility mode allows is `minor`.
 *
 * @example contractChanges(earlier, later).map(({ effect, message }) => `${effect}: ${message}`)
 */
export function contractChanges(earlier: Contract, later: Contract): readonly PartChange[] {
  const breaking = compatibility(earlier, later)
  const bound = new Set(binding(breaking, earlier.compatibility))
  const [before, after] = [partsOf(earlier), partsOf(later)]
  const differing = new Set([...before.keys(), ...after.keys()].filter((key) => !same(before.get(key), after.get(key))))
  const broken = breaking.map((found) => brokenPart(found, before, after, bound.has(found)))
  const named = new Set(breaking.map(keyOf))
  const rest = [...differing]
    .filter((key) => !named.has(key) && !isInside(key, before, after))
    .map((key) => changedPart(before.get(key), after.get(key)))
  const changes = [...merged(broken), ...rest]
  if (changes.length === 0 && earlier.hash !== later.hash) return [onlyWords()]
  return changes.toSorted((a, b) => ORDER.indexOf(b.effect) - ORDER.indexOf(a.effect))
}

/** The part of the version that has to grow at least. `none`: the contracts are equal. */
export function requiredBump(earlier: Contract, later: Contract): VersionBump {
  return contractChanges(earlier, later)[0]?.effect ?? 'none'
}

const ORDER = ['patch', 'minor', 'major'] as const

/** One thing that a contract says. */
interface Part {
  readonly path: string
  readonly rule: string
  readonly value: Json
  readonly words: boolean
}

/** What a contract says, by path and rule, in comparable pieces. */
function partsOf(contract: Contract): ReadonlyMap<string, Part> {
  const parts = new Map<string, Part>()
  const add = (path: string, rule: string, value: unknown, words = false) => {
    if (value === undefined || value === null || value === false) return
    const key = parts.has(`${path}#${rule}`) ? `${path}#${rule}#${parts.size}` : `${path}#${rule}`
    parts.set(key, { path, rule, value: value as Json, words })
  }
  for (const [path, field] of flatFields(contract.fields)) addField(path, field, add)
  for (const { id, description, ...rule } of contract.quality) {
    add(`quality.${id}`, 'quality', rule)
    add(`quality.${id}`, 'description', description, true)
  }
  for (const { id, description, ...rule } of contract.rules) {
    add(`rules.${id}`, 'record-rule', rule)
    add(`rules.${id}`, 'description', description, true)
  }
  for (const level of contract.sla) add(levelPath(level), level.property === 'latency' ? 'sla-latency' : 'sla', level)
  add('topic', 'topic', contract.topic)
  add('key', 'key', contract.key)
  add('event time', 'event-time', contract.eventTime)
  add('change data capture', 'cdc', contract.cdc)
  for (const part of ['relationships', 'migrations', 'deadLetters', 'compatibility'] as const)
    add(part, part, contract[part])
  for (const part of ['name', 'status', 'owner', 'domain', 'purpose', 'team', 'servers', 'lineage'] as const)
    add(part, part, contract[part], true)
  return parts
}

type Add = (path: string, rule: string, value: unknown, words?: boolean) => void

function addField(path: string, field: Field, add: Add): void {
  add(path, 'field', field.type)
  add(path, 'type', field.type)
  add(path, 'required', field.required)
  add(path, 'unique', field.unique)
  add(path, 'primary-key', field.primaryKeyPosition)
  for (const [rule, value] of Object.entries(field.rules)) add(path, rule, value)
  add(path, 'description', field.description, true)
  const { semantics } = field
  add(path, 'semantics', semantics?.semanticType)
  add(path, 'classification', semantics?.classification)
  add(path, 'deprecated', semantics?.deprecated)
  add(path, 'businessName', semantics?.businessName, true)
  add(path, 'tags', semantics?.tags.length ? semantics.tags : null, true)
  add(path, 'synonyms', semantics?.synonyms.length ? semantics.synonyms : null, true)
  add(path, 'definitions', semantics?.definitions.length ? semantics.definitions : null)
}

function same(a: Part | undefined, b: Part | undefined): boolean {
  return canonicalJson(a?.value ?? null) === canonicalJson(b?.value ?? null)
}

/** A field that came or went is one change, not one for each of its rules and members. */
function isInside(key: string, before: ReadonlyMap<string, Part>, after: ReadonlyMap<string, Part>): boolean {
  const { path, rule } = (before.get(key) ?? after.get(key))!
  const stays = (name: string) => before.has(`${name}#field`) && after.has(`${name}#field`)
  const isField = before.has(`${path}#field`) || after.has(`${path}#field`)
  if (!isField) return false
  if (rule === 'field') return stays(path) || !aroundOf(path).every(stays)
  return !stays(path)
}

/** The fields around a field: of `lines[].sku` they are `lines[]` and `lines`. */
function aroundOf(path: string): readonly string[] {
  const around = path.replace(/(\.[^.]*|\[\]|\{\})$/, '')
  return around === path ? [] : [around, ...aroundOf(around)]
}

/** The piece of the contract that an incompatibility is about. */
function keyOf({ path, rule }: Incompatibility): string {
  return `${path}#${rule === 'field-added' || rule === 'field-removed' ? 'field' : rule}`
}

function brokenPart(
  found: Incompatibility,
  before: ReadonlyMap<string, Part>,
  after: ReadonlyMap<string, Part>,
  binds: boolean,
): PartChange {
  const [was, is] = [before.get(keyOf(found)), after.get(keyOf(found))]
  const { path, rule, message, witness, breaks } = found
  const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'
  const values = { before: was?.value ?? null, after: is?.value ?? null }
  return { path, rule, change, ...values, message, effect: binds ? 'major' : 'minor', breaks: [breaks], witness }
}

/** A change that breaks readers and writers is one change. */
function merged(changes: readonly PartChange[]): readonly PartChange[] {
  const byKey = Map.groupBy(changes, ({ path, rule }) => `${path}#${rule}`)
  return [...byKey.values()].map((group) => ({
    ...group[0]!,
    effect: group.some(({ effect }) => effect === 'major') ? 'major' : 'minor',
    breaks: [...new Set(group.flatMap(({ breaks }) => breaks))],
    witness: group.find(({ witness }) => witness !== null)?.witness ?? null,
  }))
}

function changedPart(was: Part | undefined, is: Part | undefined): PartChange {
  const { path, rule, words } = (is ?? was)!
  const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'
  const values = { before: was?.value ?? null, after: is?.value ?? null }
  const name =
    rule === 'field' ? `The optional field "${path}"` : path === rule ? `The ${rule}` : `The ${rule} of "${path}"`
  const message =
    change === 'changed'
      ? `${name} changed from ${shown(was!.value)} to ${shown(is!.value)}.`
      : `${name} was ${change}.`
  const named = rule === 'field' ? `field-${change}` : rule
  return { path, rule: named, change, ...values, message, effect: words ? 'patch' : 'minor', breaks: [], witness: null }
}

function onlyWords(): PartChange {
  const message = 'Only words changed.'
  return {
    path: 'version',
    rule: 'words',
    change: 'changed',
    before: null,
    after: null,
    message,
    effect: 'patch',
    breaks: [],
    witness: null,
  }
}
