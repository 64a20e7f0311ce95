#!/usr/bin/env node
// Starts the CLI: the built one where the package is installed, the source in a checkout.
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'

const built = new URL('../dist/cli/main.js', import.meta.url)
const source = new URL('../src/cli/main.ts', import.meta.url)
const inCheckout = existsSync(source)
const isNode24 = Number(process.versions.node.split('.')[0]) >= 24

if (isNode24 && inCheckout) {
  // This Node runs the TypeScript as it is; a second process would double the time to start.
  nodeModule.enableCompileCache(fileURLToPath(new URL('../.cache/compiled', import.meta.url)))
  nodeModule.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, 'covenant-source'] }),
  })
  await import(source.href)
} else if (inCheckout) await startOnNode24()
else if (isNode24) await import(built.href)
else
  fail(`Covenant needs Node 24 or newer, this is ${process.version}: install it, or run \`npx node@24\` in its place.`)

/** Hands over to the Node that the set-up brought, where an older one was called. */
async function startOnNode24() {
  const { nodeBinary, sourceFlags } = await import('../scripts/setup.mjs')
  if (!existsSync(nodeBinary)) {
    fail('Covenant is not set up in this checkout: run `npm run setup` first.')
    return
  }
  const { spawn } = await import('node:child_process')
  const child = spawn(nodeBinary, [...sourceFlags, fileURLToPath(source), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`Node 24 cannot be started (${error.message}): run \`npm run setup\` again.`))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 128 : 1)
  })
}

function fail(line) {
  process.stderr.write(`${line}\n`)
  process.exitCode = 1
}
