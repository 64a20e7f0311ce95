import type { FastifyInstance } from 'fastify'
import { toIso } from '../kernel/index.ts'
import type { Covenant } from '../runtime/index.ts'

/** `/healthz`: the process answers. `/readyz`: its contracts are registered, so that records can be validated. */
export function healthRoutes(server: FastifyInstance, covenant: Covenant): void {
  server.get('/healthz', { schema: { summary: 'The process answers' } }, () => ({
    status: 'ok',
    time: toIso(covenant.clock.now()),
  }))
  server.get('/readyz', { schema: { summary: 'Contracts are registered' } }, async (_request, reply) => {
    const contracts = (await covenant.registry.all()).length
    return reply
      .status(contracts > 0 ? 200 : 503)
      .send({ status: contracts > 0 ? 'ready' : 'no contract is registered', contracts })
  })
}
