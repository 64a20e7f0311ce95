// npm test: set-up, the checks (types, style, imports, dead code), the unit tests, then the end-to-end tests.
// Every part runs, whatever the part before it said; the exit code tells whether all passed.
import { spawnSync } from 'node:child_process'
import { root, setupOrExit } from './run.mjs'

setupOrExit()
const parts = ['check:types', 'check:style', 'check:imports', 'check:dead', 'test:unit', 'test:e2e']
const wanted = process.argv.slice(2)
const failed = []
for (const part of wanted.length > 0 ? parts.filter((part) => wanted.includes(part)) : parts) {
  process.stderr.write(`\n== ${part}\n`)
  const { status } = spawnSync('npm', ['run', '--silent', part], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) failed.push(part)
}
process.stderr.write(failed.length === 0 ? '\nAll parts passed.\n' : `\nFailed: ${failed.join(', ')}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
