import { fromBinary } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import protobuf from 'protobufjs'
import type { SchemaSource } from './define.ts'

/**
 * Reads a Protobuf schema, as text or, as serialisers send it, as a file descriptor in base64, and gives it back as it
 * is stored. Throws an `Error` that says what is wrong with it.
 */
export function parseProtobuf(source: SchemaSource): string {
  if (!isDescriptor(source.schema)) rootOf(source)
  return source.schema.trim()
}

/** A schema's text with all that it refers to; types are resolved where no reference is a descriptor. */
export function rootOf({ schema, references }: SchemaSource): protobuf.Root {
  const root = new protobuf.Root()
  for (const reference of references) if (!isDescriptor(reference.schema)) parseInto(root, reference.schema)
  const { imports = [] } = parseInto(root, schema)
  const known = references.map(({ name }) => name)
  for (const name of imports) {
    const common = protobuf.common.get(name)
    if (common) root.addJSON(common.nested ?? {})
    else if (!known.includes(name)) throw new Error(`the import "${name}" is none of its references`)
  }
  if (references.every((reference) => !isDescriptor(reference.schema))) root.resolveAll()
  return root
}

export function parseInto(root: protobuf.Root, text: string): protobuf.IParserResult {
  return protobuf.parse(text, root, { keepCase: true })
}

/** Whether a text is base64 of a file descriptor that names a file. */
export function isDescriptor(text: string): boolean {
  if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text)) return false
  try {
    return fromBinary(FileDescriptorProtoSchema, Buffer.from(text, 'base64')).name !== ''
  } catch {
    return false
  }
}
