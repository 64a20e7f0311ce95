import { didYouMean, type JsonObject, nearest } from '../../kernel/index.ts'
import type { Contract } from '../define.ts'
import type { Report } from '../problem.ts'
import { isVersion } from '../version.ts'
import { checkAvro } from './avro-faults.ts'
import { contractProperties, readPolicies } from './covenant-properties.ts'
import { checkCustomNames } from './custom-names.ts'
import { readFields } from './fields.ts'
import { checkIds } from './ids.ts'
import { placePrimaryKey, readStream } from './keys.ts'
import { type Entry, entries, member, objectMember, textMember, textsMember } from './members.ts'
import { readParties } from './parties.ts'
import { readQuality } from './quality.ts'
import { readRecordRules } from './record-rules.ts'
import { readRelationships } from './relationships.ts'
import { readSla } from './sla.ts'
import { checkUnaudited } from './unaudited.ts'
import { checkVariables } from './variables.ts'

/** Statuses that ODCS lists. */
const STATUSES = ['proposed', 'draft', 'active', 'deprecated', 'retired']

/** A contract that is read as far as it goes: what is wrong with it was reported. */
export type ReadContract = Omit<Contract, 'source' | 'hash'>

/** Reads an ODCS document into a contract for each schema object. */
export function readContractDocument(document: JsonObject, report: Report): readonly ReadContract[] {
  checkHead(document, report)
  checkCustomNames(document, report)
  checkIds(document, report)
  checkVariables(document, report)
  const objects = readSchemaObjects(document, report)
  if (objects.length === 0) readStream(contractProperties(document, null, report), [], [], report)
  checkTwins(objects, report)
  const parties = readParties(document, report)
  return objects.map((object) => ({ ...readObject(object, objects, document, report), ...parties }))
}

function readObject(
  object: Entry,
  objects: readonly Entry[],
  document: JsonObject,
  report: Report,
): Omit<ReadContract, 'owner' | 'team' | 'servers'> {
  const own = contractProperties(document, object, report)
  const version = textMember(document, 'version') ?? ''
  const fields = placePrimaryKey(readFields(object.value, object.path, report), object.path, report)
  const stream = readStream(own, object.path, fields, report)
  const quality = readQuality(object, fields, report)
  checkUnaudited(object, report)
  const policies = readPolicies(own, { version, cdc: stream.cdc }, report)
  checkAvro(object, { fields, ...policies }, report)
  return {
    ...readName(object, objects, document),
    version,
    status: textMember(document, 'status') ?? '',
    topic: readTopic(object, report),
    domain: textMember(document, 'domain'),
    ...stream,
    fields,
    quality,
    rules: readRecordRules(object, fields, quality, report),
    sla: readSla(document, object, objects, fields, report),
    lineage: { sources: readSources(object) },
    relationships: readRelationships(object),
    ...policies,
    document,
  }
}

function readName(
  { value: object }: Entry,
  objects: readonly Entry[],
  document: JsonObject,
): Pick<Contract, 'id' | 'name' | 'object' | 'purpose'> {
  const id = textMember(document, 'id') ?? ''
  const name = textMember(document, 'name') ?? id
  const purpose = textMember(objectMember(document, 'description') ?? {}, 'purpose')
  const own = textMember(object, 'name') ?? ''
  if (objects.length === 1) return { id, name, object: own, purpose }
  return {
    id: `${id}/${textMember(object, 'id') ?? own}`,
    name: `${name}: ${textMember(object, 'businessName') ?? own}`,
    object: own,
    purpose: textMember(object, 'description') ?? purpose,
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

function readSchemaObjects(document: JsonObject, report: Report): readonly Entry[] {
  const objects = entries(document, 'schema', [])
  if (objects.length === 0 && Array.isArray(member(document, 'schema')))
    report.error(['schema'], 'CONTRACT_MISSING_KEY', '"schema" must hold a schema object with "properties".')
  for (const { value, path } of objects)
    if (textMember(value, 'logicalType') === 'blob')
      report.error(
        [...path, 'logicalType'],
        'CONTRACT_UNSUPPORTED',
        'A schema object of logicalType blob is not supported.',
      )
    else if (entries(value, 'properties', []).length === 0)
      report.error(path, 'CONTRACT_MISSING_KEY', 'The schema object needs "properties": at least one field.')
  return objects
}

/** Two schema objects of a document may share neither their name nor their topic. */
function checkTwins(objects: readonly Entry[], report: Report): void {
  const names = new Set<string>()
  const topics = new Set<string>()
  for (const { value, path } of objects) {
    const name = textMember(value, 'name') ?? ''
    const key = textMember(value, 'physicalName') === null ? 'name' : 'physicalName'
    const topic = textMember(value, key) ?? ''
    if (names.has(name))
      report.error([...path, 'name'], 'CONTRACT_NAME_REPEATED', `Two schema objects are called "${name}".`)
    else if (topics.has(topic))
      report.error([...path, key], 'CONTRACT_NAME_REPEATED', `Two schema objects describe the topic "${topic}".`)
    names.add(name)
    topics.add(topic)
  }
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
