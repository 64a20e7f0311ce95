import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const stages: readonly string[] = createRequire(import.meta.url)('../stages.cjs')
const page = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').replace(/\s+/g, ' ')

describe('ARCHITECTURE.md', () => {
  it('names only files and folders that are there', () => {
    const named = [...page.matchAll(/`((?:src|test|examples|docs|conformance)\/[\w./-]+)`/g)].map(([, path]) => path!)
    assert.ok(named.length > 60)
    assert.deepEqual(
      named.filter((path) => !existsSync(join(ROOT, path))),
      [],
    )
  })

  it('names only functions and methods that their file has', () => {
    const named = [...page.matchAll(/`([A-Za-z.]+)`[^`]{0,12}\(?`?(src\/[\w./-]+\.ts)`/g)]
    assert.ok(named.length > 15)
    const missing = named.filter(([, name, file]) => {
      const text = readFileSync(join(ROOT, file!), 'utf8')
      return !name!.split('.').every((part) => new RegExp(`\\b${part}\\b`).test(text))
    })
    assert.deepEqual(
      missing.map(([, name, file]) => `${name} in ${file}`),
      [],
    )
  })

  it('lists the stages of stages.cjs in their order', () => {
    const rows = [...page.matchAll(/\| `src\/(\w+)` \|/g)].map(([, folder]) => folder!)
    assert.deepEqual(
      rows.filter((folder) => stages.includes(folder)),
      stages,
    )
  })
})

describe('a stage', () => {
  for (const stage of stages)
    it(`${stage} has a front door and its error codes, and a file or a folder of each name`, () => {
      const has = (name: string) => existsSync(join(ROOT, 'src', stage, name))
      assert.ok(has('index.ts'), 'index.ts')
      assert.ok(has('errors.ts'), 'errors.ts')
      for (const name of ['define', 'plan', 'run'])
        assert.ok(!(has(name) && has(`${name}.ts`)), `${name} is both a file and a folder`)
    })
})
