import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { topicLogSuite } from '../../../test/ports/topic-log.ts'
import { EmbeddedTopicLog } from './topic-log.ts'

topicLogSuite('embedded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-log-'))
  const path = join(folder, 'topics.db')
  let log = new EmbeddedTopicLog(path, 'process')
  return {
    log,
    async reopen() {
      await log.close()
      log = new EmbeddedTopicLog(path, 'process')
      return log
    },
    async dispose() {
      await log.close()
      rmSync(folder, { recursive: true })
    },
  }
})

test('two processes may append to the same file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-log-'))
  const path = join(folder, 'topics.db')
  const one = new EmbeddedTopicLog(path, 'process')
  const other = new EmbeddedTopicLog(path, 'process')
  await one.createTopics(['t'])
  const record = { key: null, value: Buffer.from('x'), headers: {}, timestamp: 0 }
  for (let i = 0; i < 20; i++) await (i % 2 === 0 ? one : other).append('t', [record])
  const offsets = (await one.read('t', 0, 0, 100)).map(({ offset }) => offset)
  assert.deepEqual(
    offsets,
    Array.from({ length: 20 }, (_, i) => i),
  )
  await one.close()
  await other.close()
  rmSync(folder, { recursive: true })
})
