import { readFileSync } from 'node:fs'
import { buildServer, listen } from '../../http/server.ts'
import { CovenantError } from '../../kernel/index.ts'
import { keepTicking, openCovenant } from '../../runtime/index.ts'
import type { CommandContext } from '../context.ts'

/** Runs the loop in real time with its HTTP door until it is told to stop (SIGINT, SIGTERM). */
export async function dev(context: CommandContext, port: number): Promise<void> {
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new CovenantError({
      code: 'CLI_OPTION_INVALID',
      message: '--port takes a number from 0 to 65535.',
      remedy: 'For example --port 7071.',
    })
  const covenant = await openCovenant(context)
  try {
    const { contracts } = await covenant.apply({ planOnly: false })
    for (const change of contracts)
      if (change.outcome === 'refused') process.stderr.write(`${change.topic}: ${change.message}\n`)
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    const server = await buildServer({ covenant, version })
    const address = await listen(server, port)
    process.stderr.write(`Covenant listens on ${address} (state: ${context.stateDir}); stop it with Ctrl-C.\n`)
    await keepTicking(covenant, stopRequested())
    await server.close()
  } finally {
    await covenant.close()
  }
}

/** Aborts at the first SIGINT or SIGTERM. */
function stopRequested(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())
  return controller.signal
}
