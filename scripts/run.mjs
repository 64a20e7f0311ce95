// Runs one of this checkout's programs on the Node that the package `node` brought, after the set-up.
import { spawn } from 'node:child_process'
import { nodeBinary, root, setupOrExit, sourceFlags } from './setup.mjs'

/** Runs `node <sourceFlags> <args>`, hands signals on, and resolves with its exit code. */
export function runNode(args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(nodeBinary, [...sourceFlags, ...args], { stdio: 'inherit', ...options })
    const hand = (signal) => child.kill(signal)
    process.on('SIGINT', hand)
    process.on('SIGTERM', hand)
    child.on('exit', (code, signal) => {
      process.off('SIGINT', hand)
      process.off('SIGTERM', hand)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}

export { root, setupOrExit }
