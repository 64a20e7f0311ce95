import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const ALLOWED_LICENCES = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
])

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly license?: string
  readonly licenses?: readonly { readonly type: string }[]
  readonly private?: boolean
  readonly engines?: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
  readonly files?: readonly string[]
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const manifest = readManifest(ROOT)!

describe('package.json', () => {
  it('pins every dependency to one version', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies }
    const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    assert.deepEqual(loose, [])
  })

  it('asks for Node 24, which the set-up brings', () => {
    assert.equal(manifest.engines?.node, '>=24')
    assert.match(manifest.devDependencies?.node ?? '', /^24\./)
  })

  it('exports, runs and packs only what is there', () => {
    const sources = Object.values(manifest.exports ?? {}).flatMap((target) =>
      typeof target === 'string' ? [target] : [target['covenant-source']!],
    )
    const packed = (manifest.files ?? []).filter((name) => name !== 'dist')
    for (const file of [...sources, ...Object.values(manifest.bin ?? {}), ...packed])
      assert.ok(existsSync(join(ROOT, file)), file)
  })

  it('builds each export from the source that it names', () => {
    for (const target of Object.values(manifest.exports ?? {})) {
      if (typeof target === 'string') continue
      const built = target['covenant-source']!.replace('./src/', './dist/')
      assert.equal(target.default, built.replace(/\.ts$/, '.js'))
      assert.equal(target.types, built.replace(/\.ts$/, '.d.ts'))
    }
  })

  it('depends on nothing whose licence it could not pass on', () => {
    const refused = [...productionPackages(Object.keys(manifest.dependencies ?? {}))]
      .map(([name, found]) => ({ name, licence: licenceOf(found) }))
      .filter(({ licence }) => !isAllowed(licence))
    assert.deepEqual(refused, [])
  })
})

describe('tracked files', () => {
  const tracked = trackedFiles()

  it('name no folder of somebody’s machine', { skip: tracked === null }, () => {
    const home = /(?<![\w.])\/(?:home|Users|root|work)\/[\w.-]+\//
    assert.deepEqual(filesWith(tracked!, home), [])
  })

  it('name no registry: packages come from the one that the machine is set to', { skip: tracked === null }, () => {
    const registry = /registry\.npmjs\.org|pypi\.org\/simple|files\.pythonhosted\.org|--(?:extra-)?index-url/
    assert.deepEqual(filesWith(tracked!, registry), [])
  })

  it('hold no mark of a merge that was not finished', { skip: tracked === null }, () => {
    assert.deepEqual(filesWith(tracked!, /^(<{7}|>{7}) /m), [])
  })

  it('hold no mark of unfinished work', { skip: tracked === null }, () => {
    const mark = /\b(TODO|FIXME|XXX)\b/
    assert.deepEqual(
      filesWith(
        tracked!.filter((file) => /\.(ts|mjs|cjs|py|sql)$/.test(file)),
        mark,
      ),
      [],
    )
  })
})

/** Production packages by name, found as Node would find them: the hoisted one, or one beside its dependant. */
function productionPackages(names: readonly string[]): ReadonlyMap<string, Manifest> {
  const found = new Map<string, Manifest>()
  const visit = (name: string, from: string): void => {
    const folder = [join(from, 'node_modules', name), join(ROOT, 'node_modules', name)].find(existsSync)
    // Binaries of other platforms are optional and not installed here.
    if (folder === undefined || found.has(folder)) return
    const package_ = readManifest(folder)!
    found.set(folder, package_)
    for (const dependency of Object.keys({ ...package_.dependencies, ...package_.optionalDependencies }))
      visit(dependency, folder)
  }
  for (const name of names) visit(name, ROOT)
  return found
}

function licenceOf({ license, licenses }: Manifest): string {
  return license ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'none'
}

/** SPDX: of alternatives one must be allowed. */
function isAllowed(licence: string): boolean {
  return licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((name) => ALLOWED_LICENCES.has(name.trim())))
}

function readManifest(folder: string): Manifest | undefined {
  const file = join(folder, 'package.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : undefined
}

/** `null` outside a git checkout. */
function trackedFiles(): readonly string[] | null {
  if (!readdirSync(ROOT).includes('.git')) return null
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
  return listed.split('\0').filter((file) => file !== '' && existsSync(join(ROOT, file)))
}

function filesWith(files: readonly string[], pattern: RegExp): readonly string[] {
  return files.filter((file) => file !== 'test/package.test.ts' && pattern.test(readFileSync(join(ROOT, file), 'utf8')))
}
