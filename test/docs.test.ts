import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PAGES = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md', 'conformance/**/*.md'], { cwd: ROOT })

describe('pages', () => {
  it('link only to files that are there', () => {
    const broken = PAGES.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#]+)(?:#[^)]*)?\)/g)]
        .map(([, target]) => target!)
        .filter((target) => !existsSync(join(ROOT, dirname(page), target)))
        .map((target) => `${page}: ${target}`),
    )
    assert.deepEqual(broken, [])
  })

  it('name only source files and folders that are there', () => {
    const broken = PAGES.flatMap((page) =>
      [...read(page).matchAll(/`((?:src|test|scripts|conformance|docs)\/[\w./-]+)`/g)]
        .map(([, path]) => path!)
        .filter((path) => !existsSync(join(ROOT, path)))
        .map((path) => `${page}: ${path}`),
    )
    assert.deepEqual(broken, [])
  })
})

describe('docs/README.md', () => {
  it('lists every guide, reference and decision once', () => {
    const listed = [...read(join('docs', 'README.md')).matchAll(/\]\(((?:guides|reference|decisions)\/[^)]+)\)/g)]
    const pages = globSync('{guides,reference,decisions}/*.md', { cwd: join(ROOT, 'docs') })
    assert.deepEqual(listed.map(([, target]) => target!).sort(), pages.sort())
  })
})

describe('the tutorial', () => {
  it('shows the files of examples/quickstart as they are', () => {
    const project = join('examples', 'quickstart')
    const tutorial = read(join('docs', 'tutorial.md'))
    const files = globSync('**/*.{ts,sql,yaml,ndjson}', { cwd: join(ROOT, project) })
    assert.equal(files.length, 5)
    const differing = files.filter((file) => !tutorial.includes(`\n${read(join(project, file)).trimEnd()}\n\`\`\``))
    assert.deepEqual(differing, [])
  })
})

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}
