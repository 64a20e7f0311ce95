import { readFileSync } from 'node:fs'
import type { VirtualClock } from 'covenant'
import { buildServer, listen } from 'covenant/http'
import { type Covenant, keepTicking, packageVersion } from 'covenant/runtime'

export interface ServeOptions {
  readonly covenant: Covenant
  readonly clock: VirtualClock
  /** Where the replay ended: real time goes on from there. */
  readonly resumeAt: number
  readonly reportFile: string
  readonly port: number
}

/** Stays up, in real time from where the replay ended, until it is told to stop (SIGINT, SIGTERM). */
export async function serve({ covenant, clock, resumeAt, reportFile, port }: ServeOptions): Promise<void> {
  clock.advanceTo(resumeAt)
  clock.flow()
  const server = await buildServer({
    covenant,
    version: packageVersion(),
    extend: (app) => {
      app.get('/', { schema: { hide: true } }, (_request, reply) =>
        reply.type('text/html').send(readFileSync(reportFile)),
      )
    },
  })
  const address = await listen(server, port)
  process.stderr.write(
    `Up at ${address}: the report at /, the REST interface at /api/openapi.json. Stop with Ctrl-C.\n`,
  )
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  await keepTicking(covenant, stop.signal)
  await server.close()
}
