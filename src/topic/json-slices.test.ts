import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { itemSlices, memberSlice } from './json-slices.ts'

const spaced = (value: unknown, space: number) => JSON.stringify(value, null, space)

test('the items of an array are cut where they begin and end', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.integer({ min: 0, max: 2 }), (items, space) => {
      const slices = itemSlices(spaced(items, space))
      assert.deepEqual(
        slices.map((slice) => JSON.parse(slice)),
        JSON.parse(JSON.stringify(items)),
      )
    }),
  )
})

test('a member of an object is cut out, the last one of its name', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.integer({ min: 0, max: 2 }), (members, space) => {
      const text = spaced(members, space)
      for (const [name, value] of Object.entries(JSON.parse(text) as object))
        assert.deepEqual(JSON.parse(memberSlice(text, name)!), value)
    }),
  )
  assert.equal(memberSlice('{"a":1, "\\u0061" : 2.0 }', 'a'), '2.0')
  assert.equal(memberSlice('{"b":{"a":1}}', 'a'), undefined)
})
