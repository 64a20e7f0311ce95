import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest } from './nearest.ts'

test('a slip of the keyboard finds the word that was meant', () => {
  const words = ['logicalType', 'physicalType', 'required', 'unique', 'id']
  const slips = {
    logicalTyp: 'logicalType',
    LogicalType: 'logicalType',
    reqiured: 'required',
    uniqe: 'unique',
    ib: 'id',
  }
  for (const [slip, word] of Object.entries(slips)) assert.equal(nearest(slip, words), word)
})

test('a word that is like none has no guess', () => {
  for (const word of ['colour', 'x', '', 'y'.repeat(1_000)]) assert.equal(nearest(word, ['required', 'unique']), null)
})
