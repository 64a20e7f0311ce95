import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFileRegistry, fromBinary, toJson } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema, file_google_protobuf_timestamp } from '@bufbuild/protobuf/wkt'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { protobufDescriptor } from './protobuf-descriptor.ts'

const TEXT = `syntax = "proto3";
package shop.v1;
import "google/protobuf/timestamp.proto";
message Order {
  string id = 1;
  repeated int32 cents = 2;
  map<string, Line> lines_by_sku = 3;
  optional string note = 4;
  oneof pay { string card = 5; bool cash = 6; }
  Kind kind = 7;
  google.protobuf.Timestamp at = 8;
  repeated Line more = 9 [deprecated = true, json_name = "other"];
  message Line { double amount = 1; Kind kind = 2; map<int32, string> names = 3; }
}
enum Kind { UNKNOWN = 0; GIFT = 1; }
`
const line = fc.record(
  {
    amount: fc.integer().map((n) => n / 4),
    kind: fc.constantFrom('UNKNOWN', 'GIFT'),
    names: fc.dictionary(fc.constantFrom('1', '2'), fc.string()),
  },
  { requiredKeys: [] },
)
const order = fc.record(
  {
    id: fc.string(),
    cents: fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
    lines_by_sku: fc.dictionary(fc.constantFrom('a', 'b'), line),
    note: fc.string(),
    card: fc.string(),
    kind: fc.constantFrom('UNKNOWN', 'GIFT'),
    at: fc.record({ seconds: fc.nat() }),
    more: fc.array(line, { maxLength: 3 }),
  },
  { requiredKeys: [] },
)

test('what is written by the text is read by the descriptor', () => {
  const file = fromBinary(
    FileDescriptorProtoSchema,
    Buffer.from(protobufDescriptor({ schema: TEXT, references: [] }), 'base64'),
  )
  const registry = createFileRegistry(file, (name) =>
    name === 'google/protobuf/timestamp.proto' ? file_google_protobuf_timestamp.proto : undefined,
  )
  const read = registry.getMessage('shop.v1.Order')!
  assert.deepEqual(
    read.fields.map(({ jsonName }) => jsonName),
    ['id', 'cents', 'linesBySku', 'note', 'card', 'cash', 'kind', 'at', 'other'],
  )
  const root = protobuf.parse(TEXT, new protobuf.Root(), { keepCase: true }).root
  root.addJSON(protobuf.common.get('google/protobuf/timestamp.proto')!.nested!)
  const write = root.lookupType('shop.v1.Order')
  fc.assert(
    fc.property(order, (value) => {
      const bytes = write.encode(write.fromObject(value)).finish()
      const seen = toJson(read, fromBinary(read, bytes), { registry, useProtoFieldName: true }) as Record<
        string,
        unknown
      >
      const { at, ...own } = write.toObject(write.decode(bytes), { enums: String, longs: Number }) as Record<
        string,
        unknown
      >
      const { at: seenAt, ...rest } = seen
      assert.deepEqual(normal(rest), normal(own))
      assert.equal(seenAt === undefined, at === undefined)
    }),
  )
})

/** JSON of Protobuf leaves out what is at its default; keys of maps are texts. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([, each]) => !isEmpty(each))
  return Object.fromEntries(members.map(([name, each]) => [name, normal(each)]))
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return value === 'UNKNOWN' || value === 0 || value === ''
}

test('a descriptor stays as it is, and so does a text in an edition', () => {
  const descriptor = protobufDescriptor({ schema: TEXT, references: [] })
  assert.equal(protobufDescriptor({ schema: descriptor, references: [] }), descriptor)
  const edition = 'edition = "2023"; message M { string a = 1; }'
  assert.equal(protobufDescriptor({ schema: edition, references: [] }), edition)
})
