import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameHint, nearest } from './nearest.ts'

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

test('a hint names the word that was meant, else all there are, else nothing', () => {
  assert.equal(nameHint('trian', ['train', 'evaluate']), ' Did you mean "train"?')
  assert.equal(nameHint('deploy', ['train', 'evaluate']), ' Known: train, evaluate.')
  assert.equal(nameHint('train', []), '')
})
