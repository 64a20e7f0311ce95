import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProjectConfig } from '../../kernel/index.ts'
import { databaseSchemas, producerFolders } from './targets.ts'

test('a key of a push target that nobody reads is refused, with the one that was meant', () => {
  const refuses = (push: object, message: RegExp) => {
    const config = { kind: 'project', name: 'shop', push } as ProjectConfig
    const project = { directory: '.', contracts: [], config }
    assert.throws(
      () => [...producerFolders(project), ...databaseSchemas(project)],
      (thrown: { code?: string; message: string; remedy?: string }) =>
        thrown.code === 'PUSH_TARGET_INVALID' && message.test(`${thrown.message} ${thrown.remedy}`),
    )
  }
  refuses({ database: [] }, /"database" in push\. Did you mean "databases"/)
  refuses({ databases: [{ url: 'postgres://x/y', shema: 'z' }] }, /"shema" .* Did you mean "schema"/)
  refuses({ producers: [{ lang: 'python', directory: 'p' }] }, /"lang" in push\.producers/)
})
