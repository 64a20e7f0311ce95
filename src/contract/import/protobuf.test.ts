import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { CovenantError } from '../../kernel/index.ts'
import { acceptsDocument } from '../plan/accepts.ts'
import { compileValidationPlan } from '../plan/validation-plan.ts'
import { readContract } from '../read/index.ts'
import { writeDraft } from './draft.ts'
import { importProtobuf } from './protobuf.ts'

const ORDER = `syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
// An order.
message Order {
  enum State { OPEN = 0; PAID = 1; }
  message Line { string sku = 1; int32 count = 2; }
  int64 order_id = 1; // Its number.
  State state = 2;
  repeated Line lines = 3;
  map<string, double> prices = 4;
  google.protobuf.Timestamp placed_at = 5;
  google.protobuf.StringValue note = 6;
  bytes raw = 7;
  oneof payment { string card = 8; string voucher = 9; }
  uint32 weight = 10 [deprecated = true];
}
`

function read(text: string, message?: string) {
  const draft = importProtobuf(text, 'order.proto', message)
  const contract = readContract(writeDraft(draft), 'draft.odcs.yaml')
  return { contract, notes: draft.notes.map(({ path, message: note }) => `${path}: ${note}`) }
}

describe('import of a Protocol Buffers message', () => {
  it('reads the JSON mapping of a message', () => {
    const { contract, notes } = read(ORDER)
    assert.deepEqual(notes, [
      'payment: At most one of card, voucher may be set: add a rule.',
      ': In proto3 a field with its default value may be missing in JSON, so every field is optional.',
    ])
    assert.deepEqual([contract.name, contract.purpose], ['Order', 'An order.'])
    assert.deepEqual(
      contract.fields.map(({ name, type, required }) => [name, type, required]),
      [
        ['orderId', 'string', false],
        ['state', 'string', false],
        ['lines', 'array', false],
        ['prices', 'map', false],
        ['placedAt', 'timestamp', false],
        ['note', 'string', false],
        ['raw', 'string', false],
        ['card', 'string', false],
        ['voucher', 'string', false],
        ['weight', 'integer', false],
      ],
    )
    assert.deepEqual(contract.fields[1]?.rules.enum, ['OPEN', 'PAID'])
    assert.equal(contract.fields[0]?.description, 'Its number.')
    assert.equal(contract.fields[9]?.semantics?.deprecated, true)
  })

  it('accepts what the library writes as JSON', () => {
    const type = protobuf.parse(ORDER.replace(/import "google.*\n/g, ''), new protobuf.Root()).root
    type.addJSON(protobuf.common.get('google/protobuf/timestamp.proto')!.nested!)
    type.addJSON(protobuf.common.get('google/protobuf/wrappers.proto')!.nested!)
    const order = type.lookupType('shop.Order')
    const { fields } = compileValidationPlan(read(ORDER).contract)
    const made = fc.record({
      orderId: fc.integer(),
      state: fc.constantFrom(0, 1),
      lines: fc.array(fc.record({ sku: fc.string(), count: fc.integer() }), { maxLength: 3 }),
      prices: fc.dictionary(
        fc.string({ minLength: 1, maxLength: 3 }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
      ),
      raw: fc.uint8Array({ maxLength: 9 }),
      weight: fc.nat(),
    })
    fc.assert(
      fc.property(made, (value) => {
        const json = order.toObject(order.create(value), { longs: String, enums: String, bytes: String, json: true })
        assert.ok(acceptsDocument(fields, json), JSON.stringify(json))
      }),
    )
  })

  it('asks which message is meant, and knows near names', () => {
    const two = 'syntax = "proto2"; message A { required string x = 1; } message Beta { optional int64 y = 1; }'
    assert.throws(() => read(two), /several messages: name one with --message \(A, Beta\)/)
    assert.throws(() => read(two, 'Bete'), /Did you mean "Beta"\?/)
    const { contract, notes } = read(two, 'A')
    assert.deepEqual([contract.fields[0]?.required, notes], [true, []])
  })

  it('ends where a message refers to itself, and says what it did not find', () => {
    const { notes } = read(
      'syntax = "proto2"; import "other.proto"; message A { optional A next = 1; optional other.B b = 2; optional int32 n = 3; }',
    )
    assert.deepEqual(notes, [
      ': The import other.proto was not read: types of it are objects without properties.',
      'next: It refers to itself, which a contract cannot: say how deep it goes.',
      'b: The type other.B was not found; the draft says object.',
    ])
  })

  it('answers any text with a draft or one clear error', () => {
    const words = fc.constantFrom(
      'message',
      'A',
      '{',
      '}',
      'string',
      'x',
      '=',
      '1',
      ';',
      'oneof',
      'map<',
      '>',
      '"',
      '//',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words, { maxLength: 20 }).map((list) => list.join(' ')),
        ),
        (text) => {
          try {
            writeDraft(importProtobuf(text, 'f.proto'))
          } catch (thrown) {
            assert.ok(thrown instanceof CovenantError && thrown.code === 'CONTRACT_IMPORT_FAILED', String(thrown))
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
