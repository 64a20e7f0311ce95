#!/usr/bin/env node
// Starts the CLI: the built one where the package is installed, the source in a checkout.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const built = new URL('../dist/cli/main.js', import.meta.url)
const source = new URL('../src/cli/main.ts', import.meta.url)
if (existsSync(fileURLToPath(source))) {
  const { nodeBinary, sourceFlags } = await import('../scripts/setup.mjs')
  const { spawn } = await import('node:child_process')
  const child = spawn(nodeBinary, [...sourceFlags, fileURLToPath(source), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('error', () => {
    process.stderr.write('Covenant is not set up in this checkout: run `npm run setup` first.\n')
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 128 : 1)
  })
} else await import(built.href)
