import assert from 'node:assert/strict'
import { suite, type TestContext, test } from 'node:test'
import type { SubjectStore } from '../../src/registry/ports.ts'
import type { StoredSchema, SubjectVersion } from '../../src/registry/subjects/define.ts'

const EMPTY = { schemas: [], versions: [], settings: [] }

/** What every adapter of `SubjectStore` has to do. `makeStore` gives an empty one. */
export function subjectStoreSuite(
  name: string,
  makeStore: (context: TestContext) => Promise<SubjectStore>,
  skip: string | false = false,
): void {
  suite(`SubjectStore: ${name}`, { skip }, () => {
    test('an empty store holds nothing', async (context) => {
      const store = await makeStore(context)
      assert.deepEqual(await store.load(), { revision: await store.revision(), rows: EMPTY })
    })

    test('what was committed comes back as it was, and the revision moves', async (context) => {
      const store = await makeStore(context)
      const before = await store.revision()
      const rows = {
        schemas: [
          schema(1),
          {
            ...schema(7),
            schema: '{"doc":"ünï\u{1F600}"}',
            references: [{ name: 'a.B', subject: ':.ctx:b', version: 1 }],
            metadata: { properties: { owner: 'a' }, tags: { '**.x': ['PII'] } },
            ruleSet: { domainRules: [{ name: 'r', type: 'CEL', mode: 'WRITE', expr: "message.a != ';'" }] },
          } as const,
        ],
        versions: [version('a', 1, 1), { ...version('a', 2, 7), deleted: true, contract: 'orders@1.0.0' }],
        settings: [
          { scope: '', config: { compatibilityLevel: 'NONE' }, mode: null },
          { scope: 'a', config: null, mode: 'READONLY' },
        ],
      } as const
      assert.equal(await store.commit(rows, before), true)
      assert.notEqual(await store.revision(), before)
      assert.deepEqual((await store.load()).rows, rows)
    })

    test('a change that was planned on an old revision is not made', async (context) => {
      const store = await makeStore(context)
      const revision = await store.revision()
      assert.equal(await store.commit({ schemas: [schema(1)] }, revision), true)
      assert.equal(await store.commit({ schemas: [schema(2)] }, revision), false)
      assert.deepEqual((await store.load()).rows.schemas, [schema(1)])
    })

    test('of many that plan on one revision, one wins', async (context) => {
      const store = await makeStore(context)
      const revision = await store.revision()
      const made = await Promise.all([1, 2, 3, 4, 5].map((id) => store.commit({ schemas: [schema(id)] }, revision)))
      assert.equal(made.filter(Boolean).length, 1)
      assert.equal((await store.load()).rows.schemas.length, 1)
    })

    test('versions and settings of the same key replace each other, and go', async (context) => {
      const store = await makeStore(context)
      await commit(store, { schemas: [schema(1), schema(2)], versions: [version('a', 1, 1), version('b', 1, 1)] })
      await commit(store, {
        versions: [{ ...version('a', 1, 2), deleted: true }],
        removed: [{ subject: 'b', version: 1 }],
      })
      await commit(store, { settings: [{ scope: 'a', config: { normalize: true }, mode: 'IMPORT' }] })
      await commit(store, { settings: [{ scope: 'a', config: null, mode: 'IMPORT' }] })
      const { versions, settings } = (await store.load()).rows
      assert.deepEqual(versions, [{ ...version('a', 1, 2), deleted: true }])
      assert.deepEqual(settings, [{ scope: 'a', config: null, mode: 'IMPORT' }])
      await commit(store, { settings: [{ scope: 'a', config: null, mode: null }] })
      assert.deepEqual((await store.load()).rows.settings, [])
    })

    test('a change that fails half-way leaves nothing behind', async (context) => {
      const store = await makeStore(context)
      await commit(store, { schemas: [schema(1)] })
      const before = await store.load()
      await assert.rejects(store.commit({ schemas: [schema(2), schema(1)] }, before.revision))
      assert.deepEqual(await store.load(), before)
    })
  })
}

async function commit(store: SubjectStore, change: Parameters<SubjectStore['commit']>[0]): Promise<void> {
  assert.equal(await store.commit(change, await store.revision()), true)
}

function schema(id: number): StoredSchema {
  const content = { schemaType: 'AVRO', schema: '"string"', references: [], metadata: null, ruleSet: null } as const
  return { ...content, id, guid: `00000000-0000-8000-8000-${String(id).padStart(12, '0')}` }
}

function version(subject: string, number: number, schemaId: number): SubjectVersion {
  return { subject, version: number, schemaId, deleted: false, contract: null }
}
