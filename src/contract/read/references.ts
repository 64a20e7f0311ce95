import { posix } from 'node:path'
import { didYouMean, type JsonObject, nearest } from '../../kernel/index.ts'
import type { Path, Report } from '../problem.ts'
import { type Entry, entries, member, textMember, textsMember } from './members.ts'

/** A file whose schema objects may be referred to. */
export interface Referable {
  readonly file: string
  /** `null` where the YAML cannot be read: nothing can be said about references that may lead there. */
  readonly document: JsonObject | null
  readonly report: Report
}

/**
 * Checks the relationships of a file: both sides are fields that are there, as many on one side as on the other, and of
 * the same type. A reference is `object.field`, or `schema/<id>/properties/<id>`, there also in another file:
 * `planes.odcs.yaml#schema/<id>/properties/<id>`. Where an id is not found, it counts as a name.
 */
export function checkReferences(from: Referable, files: readonly Referable[]): void {
  const check = new ReferenceCheck(from, files)
  for (const object of objectsOf(from)) {
    for (const relationship of entries(object.value, 'relationships', object.path)) check.ofObject(relationship)
    ofProperties(object, check)
  }
}

function ofProperties(owner: Entry, check: ReferenceCheck): void {
  for (const property of entries(owner.value, 'properties', owner.path)) {
    for (const relationship of entries(property.value, 'relationships', property.path))
      check.ofField(relationship, property.value)
    ofProperties(property, check)
  }
}

function objectsOf({ document }: Referable): readonly Entry[] {
  return document === null ? [] : entries(document, 'schema', [])
}

interface Reference {
  readonly text: string
  readonly path: Path
}

class ReferenceCheck {
  readonly #from: Referable
  readonly #files: readonly Referable[]

  constructor(from: Referable, files: readonly Referable[]) {
    this.#from = from
    this.#files = files
  }

  ofObject(relationship: Entry): void {
    const [from, to] = [references(relationship, 'from'), references(relationship, 'to')]
    if (from.length !== to.length)
      this.#from.report.error(
        [...relationship.path, 'to'],
        'CONTRACT_REFERENCE_MISMATCH',
        `"from" names ${from.length} fields and "to" ${to.length}.`,
      )
    for (const [index, reference] of from.entries()) {
      const field = this.#find(reference)
      const target = to[index] === undefined ? null : this.#find(to[index])
      if (field !== null && target !== null) this.#compare(field, target, to[index]!)
    }
  }

  ofField(relationship: Entry, field: JsonObject): void {
    const to = references(relationship, 'to')
    if (to.length > 1)
      this.#from.report.error(
        [...relationship.path, 'to'],
        'CONTRACT_REFERENCE_MISMATCH',
        `The relationship of one field refers to ${to.length} fields: put it on the schema object.`,
      )
    for (const reference of to) {
      const target = this.#find(reference)
      if (target !== null) this.#compare(field, target, reference)
    }
  }

  #compare(field: JsonObject, target: JsonObject, { text, path }: Reference): void {
    const [own, other] = [textMember(field, 'logicalType'), textMember(target, 'logicalType')]
    if (own === other || own === null || other === null) return
    this.#from.report.error(
      path,
      'CONTRACT_REFERENCE_MISMATCH',
      `"${textMember(field, 'name') ?? ''}" is of type ${own}, and "${text}" of type ${other}.`,
    )
  }

  /** The property that a reference means; `null` after telling that there is none, or where nobody can know. */
  #find(reference: Reference): JsonObject | null {
    const { text } = reference
    if (/^https?:/.test(text)) {
      this.#from.report.warning(
        reference.path,
        'CONTRACT_NOT_ENFORCED',
        `"${text}" lies outside of the project: it is not checked.`,
      )
      return null
    }
    const hash = text.indexOf('#')
    if (hash < 0) return text.includes('/') ? this.#qualified(text, [this.#from], reference) : this.#short(reference)
    const name = posix.join(posix.dirname(this.#from.file), text.slice(0, hash))
    const file = this.#files.find((each) => posix.normalize(each.file) === name)
    if (file !== undefined) return this.#qualified(text.slice(hash + 1), [file], reference)
    const names = this.#files.map((each) => posix.relative(posix.dirname(this.#from.file), each.file))
    return this.#unknown(reference, `There is no contract file "${text.slice(0, hash)}".`, text.slice(0, hash), names)
  }

  /** `schema/<id>/properties/<id>/properties/<id>` */
  #qualified(path: string, files: readonly Referable[], reference: Reference): JsonObject | null {
    if (files.some(({ document }) => document === null)) return null
    const [, objectId = '', ...steps] = path.replace(/^\//, '').split('/')
    const objects = files.flatMap(objectsOf).map(({ value }) => value)
    const object = byIdOrName(objects, objectId)
    if (object === undefined)
      return this.#unknown(reference, `There is no schema object "${objectId}".`, objectId, objects.flatMap(labels))
    return this.#within(
      object,
      steps.filter((_step, index) => index % 2 === 1),
      reference,
    )
  }

  /** `object.field`, by names; the object may be one of another file. Names of objects may have dots. */
  #short(reference: Reference): JsonObject | null {
    const objects = [this.#from, ...this.#files.filter(({ file }) => file !== this.#from.file)].flatMap(objectsOf)
    const named = objects.flatMap(({ value }) => namesOf(value).map((name) => ({ value, name })))
    const [best, second] = named
      .filter(({ name }) => reference.text.startsWith(`${name}.`))
      .sort((a, b) => b.name.length - a.name.length)
    if (best === undefined) {
      if (this.#files.some(({ document }) => document === null)) return null
      const object = reference.text.slice(0, reference.text.lastIndexOf('.'))
      const names = named.map(({ name }) => name)
      return this.#unknown(reference, `No contract of the project has a schema object "${object}".`, object, names)
    }
    const isOwn = objectsOf(this.#from).some(({ value }) => value === best.value)
    if (!isOwn && second?.name === best.name && second.value !== best.value)
      return this.#unknown(
        reference,
        `Several contracts have a schema object "${best.name}": name the file, as in planes.odcs.yaml#schema/<id>/properties/<id>.`,
        '',
        [],
      )
    return this.#within(best.value, reference.text.slice(best.name.length + 1).split('.'), reference)
  }

  #within(object: JsonObject, steps: readonly string[], reference: Reference): JsonObject | null {
    let owner = object
    for (const step of steps) {
      const properties = entries(owner, 'properties', []).map(({ value }) => value)
      const property = byIdOrName(properties, step)
      const name = textMember(owner, 'name') ?? ''
      if (property === undefined)
        return this.#unknown(reference, `"${name}" has no field "${step}".`, step, properties.flatMap(labels))
      owner = property
    }
    if (steps.length > 0) return owner
    return this.#unknown(reference, `"${reference.text}" names a schema object, not a field of it.`, '', [])
  }

  #unknown({ path }: Reference, message: string, name: string, known: readonly string[]): null {
    const guess = nearest(name, known)
    this.#from.report.error(path, 'CONTRACT_REFERENCE_UNKNOWN', `${message}${didYouMean(guess)}`, guess)
    return null
  }
}

function byIdOrName(candidates: readonly JsonObject[], id: string): JsonObject | undefined {
  return (
    candidates.find((candidate) => textMember(candidate, 'id') === id) ??
    candidates.find((candidate) => textMember(candidate, 'name') === id)
  )
}

function labels(candidate: JsonObject): readonly string[] {
  return [textMember(candidate, 'id'), textMember(candidate, 'name')].flatMap((label) => label ?? [])
}

function namesOf(object: JsonObject): readonly string[] {
  return [...new Set([textMember(object, 'physicalName'), textMember(object, 'name')].flatMap((name) => name ?? []))]
}

/** One reference, or a list of them. */
function references({ value, path }: Entry, key: string): readonly Reference[] {
  const single = textMember(value, key)
  if (single !== null) return [{ text: single, path: [...path, key] }]
  return Array.isArray(member(value, key))
    ? textsMember(value, key).map((text, index) => ({ text, path: [...path, key, index] }))
    : []
}
