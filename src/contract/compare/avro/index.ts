import { type AvroDifference, avroDifferences } from './differences.ts'
import { type AvroSource, provesUnreadable } from './proof.ts'
import { readAvro } from './read.ts'

export { canonicalAvro } from './canonical.ts'
export { readAvro } from './read.ts'

/**
 * What a reader cannot take of a writer's documents. The value of each difference was encoded by avsc with the writer's
 * schema and could not be decoded with the reader's; where avsc cannot show that, it is `undefined`. Logical types are
 * the exception: avsc, like Avro, reads the bytes, and it is their meaning that differs.
 */
export function unreadable(writer: AvroSource, reader: AvroSource): readonly AvroDifference[] {
  const [from, to] = [readAvro(writer.schema, writer.references), readAvro(reader.schema, reader.references)]
  return avroDifferences(from, to).map((difference) => {
    const { kind, value } = difference
    const proven = kind === 'LOGICAL_TYPE_MISMATCH' || (value !== undefined && provesUnreadable(writer, reader, value))
    return proven ? difference : { ...difference, value: undefined }
  })
}
