import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { sha256 } from '../../src/kernel/index.ts'
import type { ArtifactStore } from '../../src/pipelines/ports.ts'

/** What every artifact store must do. `make` opens an empty one in a folder. */
export function artifactStoreSuite(name: string, make: (folder: string) => ArtifactStore): void {
  describe(`artifact store: ${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'covenant-artifacts-'))
    after(() => rmSync(folder, { recursive: true, force: true }))
    let stores = 0
    const open = () => {
      const root = join(folder, `store-${stores++}`)
      return { root, store: make(root) }
    }
    const file = (fileName: string, content: string | Uint8Array) => {
      const path = join(folder, fileName)
      writeFileSync(path, content)
      return path
    }

    it('keeps a file under its content hash', async () => {
      const { store } = open()
      const put = await store.put(file('model.onnx', 'weights'))
      const hash = sha256('weights')
      assert.deepEqual(put, { sha256: hash, path: `${hash.slice(0, 2)}/${hash}.onnx`, bytes: 7 })
      assert.equal(readFileSync(store.resolve(put.path), 'utf8'), 'weights')
      assert.equal(await store.has(put.path), true)
    })

    it('keeps its own copy: later changes of the file do not reach it', async () => {
      const { store } = open()
      const source = file('report.txt', 'first')
      const put = await store.put(source)
      writeFileSync(source, 'second')
      assert.equal(readFileSync(store.resolve(put.path), 'utf8'), 'first')
    })

    it('puts equal content once and leaves no drafts', async () => {
      const { root, store } = open()
      const puts = await Promise.all(
        Array.from({ length: 8 }, (_, index) => store.put(file(`same-${index}.bin`, 'same content'))),
      )
      assert.equal(new Set(puts.map(({ path }) => path)).size, 1)
      const folders = readdirSync(root)
      assert.deepEqual(folders, [puts[0]!.sha256.slice(0, 2)])
      assert.equal(readdirSync(join(root, folders[0]!)).length, 1)
    })

    it('knows no path that was not put', async () => {
      const { store } = open()
      assert.equal(await store.has('aa/absent.onnx'), false)
    })

    it('refuses a path that leads out of it', async () => {
      const { store } = open()
      for (const path of ['../secret', 'aa/../../secret', '/etc/passwd', '..', ''])
        assert.throws(() => store.resolve(path), { code: 'PIPELINE_ARTIFACT_PATH' }, path)
    })

    it('gives back any content, byte by byte', async () => {
      const { store } = open()
      let files = 0
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (content) => {
          const put = await store.put(file(`any-${files++}.dat`, content))
          assert.equal(put.sha256, sha256(content))
          assert.equal(put.bytes, content.length)
          assert.deepEqual(new Uint8Array(readFileSync(store.resolve(put.path))), content)
        }),
        { numRuns: 25 },
      )
    })

    it('tells in one sentence that a file is not there', async () => {
      const { store } = open()
      await assert.rejects(store.put(join(folder, 'nowhere.onnx')), { code: 'STATE_NOT_WRITABLE' })
    })
  })
}
