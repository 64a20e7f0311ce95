import type avsc from 'avsc'
import type { Json } from '../../../kernel/index.ts'
import { lazy } from '../../../kernel/index.ts'

const library = lazy<typeof avsc>('avsc', import.meta.url)

/** A schema and the schemas of the named types that it refers to. */
export interface AvroSource {
  readonly schema: Json
  readonly references: readonly Json[]
}

/**
 * Whether a datum in Avro's JSON encoding can be written with one schema by an independent implementation of Avro
 * (avsc), which refuses to read what that schema writes with the other one.
 */
export function provesUnreadable(writer: AvroSource, reader: AvroSource, datum: Json): boolean {
  try {
    const written = typeOf(writer)
    const bytes = written.toBuffer(written.fromString(JSON.stringify(datum)))
    return bytes.length >= 0 && !reads(typeOf(reader), written, bytes)
  } catch {
    return false
  }
}

function reads(reader: avsc.Type, writer: avsc.Type, bytes: Buffer): boolean {
  try {
    // The specification compares unqualified names.
    const options = { ignoreNamespaces: true } as unknown as Parameters<typeof reader.createResolver>[1]
    reader.fromBuffer(bytes, reader.createResolver(writer, options))
    return true
  } catch {
    return false
  }
}

function typeOf({ schema, references }: AvroSource): avsc.Type {
  const registry = {}
  for (const reference of references) library().Type.forSchema(reference as avsc.Schema, { registry, wrapUnions: true })
  return library().Type.forSchema(schema as avsc.Schema, { registry, wrapUnions: true })
}
