import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PAGE = 'docs/reference/errors.md'
const CODE = /'([A-Z]+(?:_[A-Z]+)+)'/g
const PAGE_ROW = /^\| `([A-Z_]+)` +\| (.+?) +\|$/gm

describe('error codes', () => {
  /** Meaning by code, as the stages' errors.ts declare it. */
  const declared = new Map<string, string>()
  /** Files by the code that they mention. */
  const used = new Map<string, string[]>()

  before(async () => {
    for (const file of globSync('src/*/errors.ts', { cwd: ROOT })) {
      const module = (await import(pathToFileURL(join(ROOT, file)).href)) as { ERRORS?: Record<string, string> }
      for (const [code, meaning] of Object.entries(module.ERRORS ?? {})) {
        assert.equal(declared.get(code), undefined, `${code} is declared twice`)
        declared.set(code, meaning)
      }
    }
    const prefixes = new Set([...declared.keys()].map(prefixOf))
    for (const file of globSync('src/**/*.ts', { cwd: ROOT }).filter((name) => !name.endsWith('.test.ts')))
      for (const [, code] of readFileSync(join(ROOT, file), 'utf8').matchAll(CODE))
        if (prefixes.has(prefixOf(code!))) used.set(code!, [...(used.get(code!) ?? []), file])
  })

  it('are declared where they are used', () => {
    const undeclared = [...used].filter(([code]) => !declared.has(code))
    assert.deepEqual(undeclared, [])
  })

  it('are used where they are declared', () => {
    const unused = [...declared.keys()].filter((code) => !used.has(code))
    assert.deepEqual(unused, [])
  })

  it('carry a code whose prefix some errors.ts declares, whoever makes the error', () => {
    const made = globSync('src/**/*.ts', { cwd: ROOT })
      .filter((name) => !name.endsWith('.test.ts'))
      .flatMap((file) => [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\bcode: '([A-Z_]+)'/g)])
      .map(([, code]) => code!)
    assert.deepEqual(
      [...new Set(made)].filter((code) => !declared.has(code)),
      [],
    )
  })

  it(`stand in ${PAGE} with their meaning, and no others do`, () => {
    const rows = readFileSync(join(ROOT, PAGE), 'utf8').matchAll(PAGE_ROW)
    const documented = Object.fromEntries(
      [...rows].map(([, code, meaning]) => [code!, meaning!.replaceAll('\\|', '|')]),
    )
    const sorted = (codes: Record<string, string>) => Object.entries(codes).sort(([a], [b]) => (a < b ? -1 : 1))
    assert.deepEqual(sorted(documented), sorted(Object.fromEntries(declared)))
  })
})

function prefixOf(code: string): string {
  return code.slice(0, code.indexOf('_'))
}
