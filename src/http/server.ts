import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance } from 'fastify'
import { CovenantError, systemCodeOf } from '../kernel/index.ts'
import type { Covenant } from '../runtime/index.ts'
import { apiRoutes } from './api.ts'
import { contractRoutes } from './contracts.ts'
import { deadLetterRoutes } from './dead-letters.ts'
import { endpointRoutes } from './endpoints.ts'
import { answerError } from './errors.ts'
import { healthRoutes } from './health.ts'
import { metricsRoutes } from './metrics.ts'
import { registryRoutes } from './registry/index.ts'
import { strictBodies } from './strict-bodies.ts'
import { topicRoutes } from './topics.ts'

/** Largest request body: 4 MiB; a larger one is answered with 413. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024
/** Longest part of a path; subjects are named after topics and records, whose names may be long. */
const PARAM_LENGTH_MAX = 1_000

export interface ServerOptions {
  readonly covenant: Covenant
  readonly version: string
  /** Adds routes of the caller, e.g. the report of the flights example. */
  readonly extend?: (server: FastifyInstance) => void
}

/** Builds the HTTP server of a running project; it does not listen yet. */
export async function buildServer({ covenant, version, extend }: ServerOptions): Promise<FastifyInstance> {
  const server = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    logger: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
  })
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Covenant', version, description: 'Own REST interface of Covenant.' },
    },
  })
  server.setErrorHandler((error, _request, reply) => answerError(error, reply))
  server.setNotFoundHandler((request, reply) =>
    answerError(
      new CovenantError({
        code: 'HTTP_NOT_FOUND',
        message: `There is nothing at ${request.method} ${request.url.split('?')[0]}.`,
        remedy: 'GET /api/openapi.json lists what there is.',
      }),
      reply,
    ),
  )
  await server.register(async (own) => {
    strictBodies(own)
    await own.register(async (scope) => topicRoutes(scope, covenant))
    await own.register((scope) => contractRoutes(scope, covenant))
    endpointRoutes(own, covenant)
    apiRoutes(own, covenant)
    deadLetterRoutes(own, covenant)
    healthRoutes(own, covenant)
    metricsRoutes(own, covenant)
  })
  await server.register((scope) => registryRoutes(scope, covenant.subjects), { prefix: '/registry' })
  extend?.(server)
  server.get('/api/openapi.json', { schema: { hide: true } }, () => server.swagger())
  await server.ready()
  return server
}

/**
 * Listens on loopback (or `host`) and returns the address, e.g. `http://127.0.0.1:7070`. Port 0 takes a free one.
 *
 * Throws `HTTP_PORT_IN_USE`.
 */
export async function listen(server: FastifyInstance, port: number, host = '127.0.0.1'): Promise<string> {
  try {
    return await server.listen({ port, host })
  } catch (cause) {
    if (systemCodeOf(cause) !== 'EADDRINUSE') throw cause
    throw new CovenantError({
      code: 'HTTP_PORT_IN_USE',
      message: `Port ${port} of ${host} is taken by another program.`,
      remedy: `Stop that program, or choose another port, e.g. --port ${port + 1}.`,
      retryable: true,
      cause,
    })
  }
}
