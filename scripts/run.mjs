// Runs one of this checkout's programs on the Node that the package `node` brought, after the set-up.
import { spawn } from 'node:child_process'
import { nodeBinary, root, setupOrExit, sourceFlags } from './setup.mjs'

/**
 * Runs `node <sourceFlags> <args>` and resolves with its exit code. A terminal's Ctrl-C reaches the child by itself, so
 * here it is only outlived; SIGTERM is handed on.
 */
export function runNode(args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(nodeBinary, [...sourceFlags, ...args], { stdio: 'inherit', ...options })
    const outlive = () => undefined
    const hand = (signal) => child.kill(signal)
    process.on('SIGINT', outlive)
    process.on('SIGTERM', hand)
    child.on('exit', (code, signal) => {
      process.off('SIGINT', outlive)
      process.off('SIGTERM', hand)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}

export { root, setupOrExit }
