import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { commandStep, definePipeline, pythonStep, type Step, sqlStep, typescriptStep } from './index.ts'
import { filesOf, readSources } from './sources.ts'

describe('sources of a pipeline', () => {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-sources-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  const sources = (...steps: readonly Step[]) => readSources(definePipeline({ name: 'p', steps }), folder)

  it('follow relative imports of TypeScript, but not those of types and packages', () => {
    write(
      'steps/a.ts',
      `import { b } from './b.ts'\nimport type { T } from './types.ts'\nimport fs from 'node:fs'\nexport const run = () => b(fs)`,
    )
    write(
      'steps/b.ts',
      `import {\n  c,\n} from '../shared/c.ts'\nexport type { T } from './types.ts'\nexport const b = c`,
    )
    write('shared/c.ts', `export const later = () => import('./d.ts')\nexport * from "./e.ts"`)
    write('shared/d.ts', `import './e.ts'`)
    write('shared/e.ts', '')
    const step = typescriptStep({ name: 'a', module: './steps/a.ts' })
    assert.deepEqual(Object.keys(sources(step)), [
      'shared/c.ts',
      'shared/d.ts',
      'shared/e.ts',
      'steps/a.ts',
      'steps/b.ts',
    ])
  })

  it('follow imports of Python modules that lie beside the script', () => {
    write(
      'steps/train.py',
      'import os, near as n\nfrom pack.inner import thing\nfrom pack import other\nimport numpy\n',
    )
    write('steps/near.py', 'if True:\n    import far\n')
    write('steps/far.py', '')
    write('steps/pack/__init__.py', '')
    write('steps/pack/inner.py', 'from .other import x\nfrom ..near import y\n')
    write('steps/pack/other.py', '')
    write('steps/unused.py', '')
    assert.deepEqual(Object.keys(sources(pythonStep({ name: 'train', script: 'steps/train.py' }))), [
      'steps/far.py',
      'steps/near.py',
      'steps/pack/__init__.py',
      'steps/pack/inner.py',
      'steps/pack/other.py',
      'steps/train.py',
    ])
  })

  it('of each step are its own', () => {
    write('steps/q.sql', 'SELECT 1')
    const steps = [
      sqlStep({ name: 'q', sql: 'steps/q.sql' }),
      sqlStep({ name: 'inline', sql: 'SELECT 2' }),
      commandStep({ name: 'c', command: 'cat', files: ['steps/near.py'] }),
    ]
    const all = sources(...steps)
    assert.deepEqual(
      steps.map((step) => filesOf(step, all)),
      [['steps/q.sql'], [], ['steps/far.py', 'steps/near.py']],
    )
  })

  it('must be there, inside the project', () => {
    for (const script of ['steps/absent.py', '../outside.py', '/etc/hosts'])
      assert.throws(() => sources(pythonStep({ name: 'train', script })), {
        code: 'PIPELINE_SOURCE_MISSING',
        message: `Step "train" needs the file ${script}, which is not in the project.`,
      })
    write('steps/lost.ts', `import './gone.ts'`)
    assert.throws(() => sources(typescriptStep({ name: 'lost', module: 'steps/lost.ts' })), {
      message: /steps\/gone\.ts/,
    })
  })
})
