import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { linesOf } from './lines.ts'

async function lines(...chunks: readonly (string | Buffer)[]): Promise<readonly string[]> {
  async function* stream() {
    yield* chunks
  }
  const found: string[] = []
  for await (const line of linesOf(stream())) found.push(line.toString('latin1'))
  return found
}

test('lines are the same however the stream is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.stringMatching(/^[a-z\r]{0,5}$/)), fc.array(fc.nat(9)), async (texts, cuts) => {
      const text = texts.join('\n')
      const chunks: string[] = []
      let rest = text
      for (const cut of cuts) {
        chunks.push(rest.slice(0, cut))
        rest = rest.slice(cut)
      }
      const expected = text.split('\n').map((line) => line.replace(/\r$/, ''))
      if (!text || text.endsWith('\n')) expected.pop()
      assert.deepEqual(await lines(...chunks, rest), expected)
    }),
  )
})

test('bytes stay what they are; a byte order mark at the beginning is no part of the first line', async () => {
  const mark = Buffer.from([0xef, 0xbb, 0xbf])
  assert.deepEqual(await lines(Buffer.concat([mark, Buffer.from([0x61, 0xff, 0x0a]), mark])), ['a\xff', '\xef\xbb\xbf'])
  assert.deepEqual(await lines(mark.subarray(0, 1), mark.subarray(1), 'a\n'), ['a'])
  assert.deepEqual(await lines(), [])
})
