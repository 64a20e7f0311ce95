import type { Json } from '../../../kernel/index.ts'
import { schemaLimit } from '../schema-fault.ts'
import { type AvroDifferenceKind, type AvroField, type AvroType, branchName, isNamed, type Named } from './define.ts'
import { sampleDatum, sampleRecord, wrapBranch } from './sample.ts'

/** A way in which documents of a writer cannot be read with the schema of a reader. */
export interface AvroDifference {
  readonly kind: AvroDifferenceKind
  /** The place in the document: `address.zip`, `lines[].sku`, `labels{}`; empty for the document itself. */
  readonly path: string
  /** JSON pointer to the place in the reader's schema. */
  readonly schemaPath: string
  readonly message: string
  /** A datum of the writer, whole at the place compared, that shows it; `undefined` where none was found. */
  readonly value: Json | undefined
}

const PROMOTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['int', ['long', 'float', 'double']],
  ['long', ['float', 'double']],
  ['float', ['double']],
  ['string', ['bytes']],
  ['bytes', ['string']],
])
const DIFFERENCES_MAX = 100
/** Pairs of types looked at, lest unions in unions of records make the comparison long. */
const PAIRS_MAX = 50_000

/**
 * Compares a writer's schema with a reader's by Avro's rules of schema resolution, and shows each difference by a datum.
 * Sound and complete for resolution; beyond it, logical types that give the same bytes another meaning count too.
 */
export function avroDifferences(writer: AvroType, reader: AvroType): readonly AvroDifference[] {
  return new Comparison().compare(writer, reader, '', '').slice(0, DIFFERENCES_MAX)
}

class Comparison {
  /** Pairs that are being compared, or fit: a recursive type that fits but for itself fits. */
  readonly #assumed = new Map<AvroType, Set<AvroType>>()
  #pairs = 0

  compare(writer: AvroType, reader: AvroType, path: string, schemaPath: string): readonly AvroDifference[] {
    if (++this.#pairs > PAIRS_MAX) throw schemaLimit('has more pairs of types to compare than any real one')
    if (writer.kind === 'union') return this.#writerUnion(writer.branches, reader, path, schemaPath)
    if (reader.kind === 'union') return this.#readerUnion(writer, reader.branches, path, schemaPath)
    if (writer.kind !== reader.kind && !PROMOTIONS.get(writer.kind)?.includes(reader.kind))
      return [typeMismatch(writer, reader, path, schemaPath)]
    return this.#sameKind(writer, reader, path, schemaPath)
  }

  #sameKind(writer: AvroType, reader: AvroType, path: string, schemaPath: string): readonly AvroDifference[] {
    if (isNamed(writer) && isNamed(reader) && !namesFit(writer, reader))
      return [nameMismatch(writer, reader, path, schemaPath)]
    if (writer.kind === 'record' && reader.kind === 'record') return this.#records(writer, reader, path, schemaPath)
    if (writer.kind === 'enum' && reader.kind === 'enum') return enums(writer, reader, path, schemaPath)
    if (writer.kind === 'array' && reader.kind === 'array')
      return this.compare(writer.items, reader.items, `${path}[]`, `${schemaPath}/items`).map((each) =>
        wrap(each, (value) => [value]),
      )
    if (writer.kind === 'map' && reader.kind === 'map')
      return this.compare(writer.values, reader.values, `${path}{}`, `${schemaPath}/values`).map((each) =>
        wrap(each, (value) => ({ key: value })),
      )
    if (writer.kind === 'fixed' && reader.kind === 'fixed' && writer.size !== reader.size)
      return [sizeMismatch(writer, reader, path, schemaPath)]
    return logicalTypes(writer, reader, path, schemaPath)
  }

  #records(
    writer: Extract<AvroType, { kind: 'record' }>,
    reader: Extract<AvroType, { kind: 'record' }>,
    path: string,
    schemaPath: string,
  ): readonly AvroDifference[] {
    const seen = this.#assumed.get(writer) ?? new Set()
    if (seen.has(reader)) return []
    this.#assumed.set(writer, seen.add(reader))
    const found = reader.fields.flatMap((field, index) => {
      const own = writer.fields.find(({ name }) => name === field.name || field.aliases.includes(name))
      const [inner, innerSchema] = [path === '' ? field.name : `${path}.${field.name}`, `${schemaPath}/fields/${index}`]
      if (own === undefined) return missingField(writer, field, inner, innerSchema)
      return this.compare(own.type, field.type, inner, `${innerSchema}/type`).map((each) =>
        wrap(each, (value) => sampleRecord(writer, { [own.name]: value })),
      )
    })
    if (found.length > 0) seen.delete(reader)
    return found
  }

  /** The datum's own branch has to fit; so all have to. */
  #writerUnion(branches: readonly AvroType[], reader: AvroType, path: string, schemaPath: string) {
    return branches.flatMap((branch) =>
      this.compare(branch, reader, path, schemaPath).map((each) => wrap(each, (value) => wrapBranch(branch, value))),
    )
  }

  /** One branch has to fit. Where none does, the differences to the branch that was meant say more than "none". */
  #readerUnion(
    writer: AvroType,
    branches: readonly AvroType[],
    path: string,
    schemaPath: string,
  ): readonly AvroDifference[] {
    let meant: readonly AvroDifference[] | null = null
    for (const [index, branch] of branches.entries()) {
      const found = this.compare(writer, branch, path, `${schemaPath}/${index}`)
      if (found.length === 0) return []
      if (branch.kind === writer.kind && found.every(({ kind }) => kind !== 'NAME_MISMATCH')) meant ??= found
    }
    if (meant !== null) return meant
    const message = `The reader's union at ${shown(path)} has no branch for the writer's ${branchName(writer)}.`
    return [{ kind: 'MISSING_UNION_BRANCH', path, schemaPath, message, value: sampleDatum(writer) }]
  }
}

function wrap(difference: AvroDifference, around: (value: Json) => Json | undefined): AvroDifference {
  return difference.value === undefined ? difference : { ...difference, value: around(difference.value) }
}

/** Unqualified names decide, as the specification says; a reader's alias stands for its name. */
function namesFit(writer: Named, reader: Named): boolean {
  return unqualified(writer.name) === unqualified(reader.name) || reader.aliases.includes(writer.name)
}

function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

function shown(path: string): string {
  return path === '' ? 'the top' : `"${path}"`
}

function typeMismatch(writer: AvroType, reader: AvroType, path: string, schemaPath: string): AvroDifference {
  const message = `The writer's ${branchName(writer)} at ${shown(path)} cannot be read as ${branchName(reader)}.`
  return { kind: 'TYPE_MISMATCH', path, schemaPath, message, value: sampleDatum(writer) }
}

function nameMismatch(writer: AvroType & Named, reader: Named, path: string, schemaPath: string): AvroDifference {
  const message = `The name at ${shown(path)} changed from ${writer.name} to ${reader.name}, which has no alias for it.`
  return { kind: 'NAME_MISMATCH', path, schemaPath: `${schemaPath}/name`, message, value: sampleDatum(writer) }
}

function sizeMismatch(
  writer: Extract<AvroType, { kind: 'fixed' }>,
  reader: Extract<AvroType, { kind: 'fixed' }>,
  path: string,
  schemaPath: string,
): AvroDifference {
  const message = `The fixed at ${shown(path)} has ${writer.size} bytes, the reader expects ${reader.size}.`
  return { kind: 'FIXED_SIZE_MISMATCH', path, schemaPath: `${schemaPath}/size`, message, value: sampleDatum(writer) }
}

function missingField(
  writer: Extract<AvroType, { kind: 'record' }>,
  field: AvroField,
  path: string,
  schemaPath: string,
): readonly AvroDifference[] {
  if (field.fallback !== undefined) return []
  const message = `The reader's field "${path}" has no default, and the writer does not write it.`
  return [{ kind: 'READER_FIELD_MISSING_DEFAULT_VALUE', path, schemaPath, message, value: sampleRecord(writer, {}) }]
}

function enums(
  writer: Extract<AvroType, { kind: 'enum' }>,
  reader: Extract<AvroType, { kind: 'enum' }>,
  path: string,
  schemaPath: string,
): readonly AvroDifference[] {
  const missing = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol))
  if (missing.length === 0 || reader.fallback !== null) return []
  const message = `The reader's enum at ${shown(path)} lacks ${missing.join(', ')} and has no default.`
  return [{ kind: 'MISSING_ENUM_SYMBOLS', path, schemaPath: `${schemaPath}/symbols`, message, value: missing[0] }]
}

/** The units of these differ, and so does the number that the same bytes stand for. */
const SCALED: ReadonlySet<string> = new Set([
  'decimal',
  'timestamp-millis',
  'timestamp-micros',
  'timestamp-nanos',
  'local-timestamp-millis',
  'local-timestamp-micros',
  'local-timestamp-nanos',
  'time-millis',
  'time-micros',
  'date',
])

function logicalTypes(writer: AvroType, reader: AvroType, path: string, schemaPath: string): readonly AvroDifference[] {
  const [from, to] = ['logical' in writer ? writer.logical : null, 'logical' in reader ? reader.logical : null]
  if (from === null || to === null || !SCALED.has(from.name) || !SCALED.has(to.name)) return []
  if (from.name === to.name && from.scale === to.scale) return []
  const [before, after] = [from, to].map(({ name, scale }) => (scale === null ? name : `${name} of scale ${scale}`))
  const message = `The value at ${shown(path)} is written as ${before} and would be read as ${after}.`
  // A zero would mean the same in both.
  const value =
    writer.kind === 'fixed'
      ? `${'\0'.repeat(Math.max(writer.size - 1, 0))}\x01`.slice(0, writer.size)
      : writer.kind === 'bytes'
        ? '\x01'
        : 1
  return [{ kind: 'LOGICAL_TYPE_MISMATCH', path, schemaPath, message, value }]
}
