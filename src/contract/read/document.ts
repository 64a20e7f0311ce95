import { didYouMean, type JsonObject, nearest } from '../../kernel/index.ts'
import type { Contract } from '../define.ts'
import type { Report } from '../problem.ts'
import { isVersion } from '../version.ts'
import { contractProperties, readPolicies } from './covenant-properties.ts'
import { readFields } from './fields.ts'
import { placePrimaryKey, readStream } from './keys.ts'
import { type Entry, entries, member, objectMember, textMember, textsMember } from './members.ts'
import { readParties } from './parties.ts'
import { readQuality } from './quality.ts'
import { readRecordRules } from './record-rules.ts'
import { readRelationships } from './relationships.ts'
import { readSla } from './sla.ts'

/** Statuses that ODCS lists. */
const STATUSES = ['proposed', 'draft', 'active', 'deprecated', 'retired']

/** Reads the parts of an ODCS document into a contract, as far as they go; `null` where there is no schema to speak of. */
export function readContractDocument(document: JsonObject, report: Report): Omit<Contract, 'source' | 'hash'> | null {
  checkHead(document, report)
  const object = readSchemaObject(document, report)
  const own = contractProperties(document, object, report)
  if (object === null) {
    readStream(own, [], [], report)
    return null
  }
  const id = textMember(document, 'id') ?? ''
  const version = textMember(document, 'version') ?? ''
  const fields = placePrimaryKey(readFields(object.value, object.path, report), object.path, report)
  const stream = readStream(own, object.path, fields, report)
  return {
    id,
    name: textMember(document, 'name') ?? id,
    version,
    status: textMember(document, 'status') ?? '',
    topic: readTopic(object, report),
    ...readParties(document),
    domain: textMember(document, 'domain'),
    purpose: textMember(objectMember(document, 'description') ?? {}, 'purpose'),
    ...stream,
    fields,
    quality: readQuality(object, fields, report),
    rules: readRecordRules(object, fields, report),
    sla: readSla(document, object.value, fields, report),
    lineage: { sources: readSources(object) },
    relationships: readRelationships(object),
    ...readPolicies(own, { version, cdc: stream.cdc }, report),
    document,
  }
}

function checkHead(document: JsonObject, report: Report): void {
  for (const key of ['status', 'schema'])
    if (!Object.hasOwn(document, key)) report.error([], 'CONTRACT_MISSING_KEY', `The required key "${key}" is missing.`)
  const apiVersion = textMember(document, 'apiVersion')
  if (apiVersion?.startsWith('v2.'))
    report.error(
      ['apiVersion'],
      'CONTRACT_UNSUPPORTED',
      `Covenant reads ODCS v3.0 to v3.2, found ${apiVersion}.`,
      'v3.2.0',
    )
  const version = textMember(document, 'version')
  if (version !== null && !isVersion(version))
    report.error(
      ['version'],
      'CONTRACT_VERSION_INVALID',
      `"version" must be major.minor.patch, such as 1.0.0, found "${version}".`,
    )
  const status = textMember(document, 'status')
  if (status !== null && !STATUSES.includes(status)) {
    const guess = nearest(status, STATUSES)
    report.error(
      ['status'],
      'CONTRACT_WRONG_VALUE',
      `"status" must be one of ${STATUSES.join(', ')}, found "${status}".${didYouMean(guess)}`,
      guess,
    )
  }
  for (const key of ['id', 'name']) {
    const text = textMember(document, key)
    if (text?.trim() === '') report.error([key], 'CONTRACT_WRONG_VALUE', `"${key}" must not be empty.`)
  }
}

function readSchemaObject(document: JsonObject, report: Report): Entry | null {
  const objects = entries(document, 'schema', [])
  const [first, second] = objects
  if (second !== undefined)
    report.error(
      second.path,
      'CONTRACT_UNSUPPORTED',
      'A contract describes one topic: move this schema object into a contract file of its own.',
    )
  if (first === undefined) {
    if (Array.isArray(member(document, 'schema')))
      report.error(['schema'], 'CONTRACT_MISSING_KEY', '"schema" must hold one schema object with "properties".')
    return null
  }
  if (textMember(first.value, 'logicalType') === 'blob')
    report.error(
      [...first.path, 'logicalType'],
      'CONTRACT_UNSUPPORTED',
      'A schema object of logicalType blob is not supported.',
    )
  else if (entries(first.value, 'properties', []).length === 0)
    report.error(first.path, 'CONTRACT_MISSING_KEY', 'The schema object needs "properties": at least one field.')
  return first
}

/** Kafka allows 249 characters; the longest suffix of Covenant is `.activations`. */
const TOPIC = /^[A-Za-z0-9._-]{1,237}$/

function readTopic({ value: object, path }: Entry, report: Report): string {
  const key = textMember(object, 'physicalName') === null ? 'name' : 'physicalName'
  const topic = textMember(object, key) ?? ''
  if (!TOPIC.test(topic) || /^\.{1,2}$/.test(topic))
    report.error(
      [...path, key],
      'CONTRACT_WRONG_VALUE',
      `"${key}" is the topic name: 1 to 237 letters, digits, dots, hyphens and underscores, found ${JSON.stringify(topic)}.`,
    )
  else if (/\.(raw|validated|dlq|activations|rules)$/.test(topic))
    report.error(
      [...path, key],
      'CONTRACT_WRONG_VALUE',
      `"${key}" is the topic name without suffix: .raw, .validated, .dlq, .activations and .rules are added. Found "${topic}".`,
      topic.replace(/\.(raw|validated|dlq|activations|rules)$/, ''),
    )
  return topic
}

function readSources(object: Entry): readonly string[] {
  return [
    ...new Set(
      entries(object.value, 'properties', []).flatMap(({ value }) => textsMember(value, 'transformSourceObjects')),
    ),
  ]
}
