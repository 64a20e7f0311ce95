import { buildServer, listen } from '../../http/server.ts'
import { CovenantError, messageOf, stopwatchMs } from '../../kernel/index.ts'
import { type Covenant, keepTicking, packageVersion } from '../../runtime/index.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { withCovenant } from '../state.ts'

/** Runs the loop in real time with its HTTP door until it is told to stop (SIGINT, SIGTERM). */
export function dev(context: CommandContext, port: number): Promise<void> {
  return withCovenant(context, async (covenant) => {
    const stop = stopRequested()
    await applyAloud(covenant)
    const server = await buildServer({ covenant, version: packageVersion() })
    try {
      const address = await listen(server, port)
      say(`Covenant listens on ${address} (state: ${context.stateDir}); stop it with Ctrl-C.`)
      await keepTicking(covenant, stop, { onError: sayOnce() })
    } finally {
      await server.close()
    }
    say('Covenant has stopped.')
  })
}

/** Applies the project; what is refused is told, and the loop goes on with what is registered. */
async function applyAloud(covenant: Covenant): Promise<void> {
  const { contracts, pipelines } = await covenant.apply({ planOnly: false })
  for (const { topic, version, outcome, message } of contracts)
    if (outcome !== 'unchanged') say(`contract ${topic} ${version} ${outcome}: ${message}`)
  for (const { pipeline, version, outcome } of pipelines)
    if (outcome !== 'unchanged') say(`pipeline ${pipeline} ${version.slice(0, 12)} ${outcome}`)
}

/** One Ctrl-C may arrive twice: from the terminal, and handed on by npm or another parent. */
const SAME_REQUEST_MS = 1_000

/** Aborts at the first SIGINT or SIGTERM; a later one ends the process at once, which the state survives. */
function stopRequested(): AbortSignal {
  const controller = new AbortController()
  let firstAt: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      firstAt ??= stopwatchMs()
      if (stopwatchMs() - firstAt > SAME_REQUEST_MS) process.exit(EXIT.failed)
      controller.abort()
    })
  return controller.signal
}

/** Tells why a tick failed; the same reason again and again only once. */
function sayOnce(): (thrown: unknown) => void {
  let last = ''
  return (thrown) => {
    const line = thrown instanceof CovenantError ? thrown.toLine() : messageOf(thrown)
    if (line !== last) say(`The loop cannot go on, and tries again every five seconds: ${line}`)
    last = line
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
