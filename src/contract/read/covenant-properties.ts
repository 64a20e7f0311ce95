import { didYouMean, type Json, type JsonObject, nearest } from '../../kernel/index.ts'
import type { Contract } from '../define.ts'
import { checkProperty, type PropertyName } from '../odcs/structure.ts'
import type { Path, Report } from '../problem.ts'
import { type Entry, entries, flagMember, member, numberMember, objectMember, textMember } from './members.ts'
import { readMigrations } from './migrations.ts'

/** Where each of Covenant's custom properties may stand: of the contract or its schema object, of a quality rule, of a level. */
const OF_CONTRACT: readonly PropertyName[] = [
  'covenant.stream',
  'covenant.dlq',
  'covenant.migrations',
  'covenant.compatibility',
  'covenant.schemaRegistry',
]
const OF_RULE: readonly PropertyName[] = ['covenant.stage']
const OF_LEVEL: readonly PropertyName[] = ['covenant.objective']

/** The value of a custom property, and where it stands. */
export interface OwnProperty {
  readonly value: Json
  readonly path: Path
}

export type OwnProperties = ReadonlyMap<PropertyName, OwnProperty>

/** Covenant's custom properties of the contract and of its schema object; each may stand once. */
export function contractProperties(document: JsonObject, object: Entry | null, report: Report): OwnProperties {
  const owners = [{ value: document, path: [] }, ...(object === null ? [] : [object])]
  return ownProperties(owners, OF_CONTRACT, report)
}

/** Covenant's custom properties of a quality rule. */
export function ruleProperties(rule: Entry, report: Report): OwnProperties {
  return ownProperties([rule], OF_RULE, report)
}

/** Covenant's custom properties of a service level. */
export function levelProperties(level: Entry, report: Report): OwnProperties {
  return ownProperties([level], OF_LEVEL, report)
}

/** Names in Covenant's name space that it does not know, and near misses, are errors, lest a typo goes unnoticed. */
function ownProperties(owners: readonly Entry[], known: readonly PropertyName[], report: Report): OwnProperties {
  const found = new Map<PropertyName, OwnProperty>()
  for (const owner of owners)
    for (const entry of entries(owner.value, 'customProperties', owner.path)) {
      const name = textMember(entry.value, 'property') ?? ''
      if (isKnown(name, known)) take(name, entry, found, report)
      else refuseName(name, known, entry, report)
    }
  return found
}

function isKnown(name: string, known: readonly PropertyName[]): name is PropertyName {
  return known.includes(name as PropertyName)
}

function take(name: PropertyName, entry: Entry, found: Map<PropertyName, OwnProperty>, report: Report): void {
  if (found.has(name)) {
    report.error(entry.path, 'CONTRACT_NAME_REPEATED', `The custom property "${name}" stands twice.`)
    return
  }
  const value = member(entry.value, 'value')
  if (value === undefined) return
  const path = [...entry.path, 'value']
  checkProperty(name, value, path, report)
  found.set(name, { value, path })
}

function refuseName(name: string, known: readonly PropertyName[], { path }: Entry, report: Report): void {
  const guess = nearest(name, known)
  if (guess === null && !name.startsWith('covenant.')) return
  const hint = guess === null ? ` Known here: ${known.join(', ')}.` : didYouMean(guess)
  report.error([...path, 'property'], 'CONTRACT_UNKNOWN_KEY', `Unknown custom property "${name}".${hint}`, guess)
}

/** What the custom properties say about dead letters, migrations and compatibility. */
export function readPolicies(
  own: OwnProperties,
  contract: Pick<Contract, 'version' | 'cdc'>,
  report: Report,
): Pick<Contract, 'deadLetters' | 'migrations' | 'compatibility' | 'schemaRegistry'> {
  const compatibility = own.get('covenant.compatibility')?.value
  return {
    deadLetters: readDeadLetters(own, contract.cdc),
    migrations: readMigrations(own.get('covenant.migrations'), contract, report),
    compatibility: (typeof compatibility === 'string' ? compatibility : 'FULL_TRANSITIVE') as Contract['compatibility'],
    ...readSchemaRegistry(own),
  }
}

function readSchemaRegistry(own: OwnProperties): Pick<Contract, 'schemaRegistry'> {
  const policy = objectMember({ policy: own.get('covenant.schemaRegistry')?.value ?? null }, 'policy')
  if (policy === null) return {}
  return {
    schemaRegistry: {
      format: textMember(policy, 'format') === 'avro' ? 'avro' : 'json',
      subject: textMember(policy, 'subject'),
      mode: textMember(policy, 'mode') === 'WRITEREAD' ? 'WRITEREAD' : 'WRITE',
      onFailure: textMember(policy, 'onFailure') === 'DLQ' ? 'DLQ' : 'ERROR',
      metadata: (objectMember(policy, 'metadata') ?? {}) as Readonly<Record<string, string>>,
    },
  }
}

const BREAKER_RECORDS_MIN = 100

function readDeadLetters(own: OwnProperties, cdc: Contract['cdc']): Contract['deadLetters'] {
  const policy = objectMember({ policy: own.get('covenant.dlq')?.value ?? null }, 'policy') ?? {}
  const breaker = objectMember(policy, 'breaker')
  return {
    blockKey: member(policy, 'blockKey') === undefined ? cdc !== null : flagMember(policy, 'blockKey'),
    breaker: breaker && {
      maxRatio: numberMember(breaker, 'maxRatio') ?? 1,
      minRecords: numberMember(breaker, 'minRecords') ?? BREAKER_RECORDS_MIN,
    },
    ...(flagMember(policy, 'replayOnMerge') ? { replayOnMerge: true } : {}),
  }
}
