// npm run bench: every benchmark of bench/, one after the other; each prints its figures as JSON lines.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, runNode, setupOrExit } from './run.mjs'

setupOrExit()
const wanted = process.argv.slice(2)
const names = readdirSync(join(root, 'bench'))
  .filter((name) => name.endsWith('.ts'))
  .sort()
for (const name of names) {
  if (wanted.length > 0 && !wanted.includes(name.replace(/\.ts$/, ''))) continue
  const code = await runNode(['--expose-gc', join(root, 'bench', name)])
  if (code !== 0) process.exitCode = 1
}
