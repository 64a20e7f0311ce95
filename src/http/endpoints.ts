import type { FastifyInstance } from 'fastify'
import { CovenantError, type JsonObject } from '../kernel/index.ts'
import type { Covenant } from '../runtime/index.ts'

interface PredictBody {
  readonly rows: readonly JsonObject[]
}

/** `POST /endpoints/<name>/predict`: scores requests with the champion, on the features as they are now. */
export function endpointRoutes(server: FastifyInstance, covenant: Covenant): void {
  server.post<{ Params: { name: string }; Body: PredictBody }>(
    '/endpoints/:name/predict',
    {
      schema: {
        summary: 'Score requests with the champion',
        params: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['rows'],
          properties: { rows: { type: 'array', minItems: 1, maxItems: 1000, items: { type: 'object' } } },
        },
      },
    },
    async (request) => {
      const { name } = request.params
      const endpoint = covenant.endpoints.get(name)
      if (!endpoint)
        throw new CovenantError({
          code: 'HTTP_ENDPOINT_UNKNOWN',
          message: `No endpoint is called ${name}.`,
          remedy: `Known endpoints: ${[...covenant.endpoints.keys()].join(', ') || 'none'}.`,
        })
      const predictions = await endpoint.predict(request.body.rows, covenant.clock.now())
      if (predictions.length > 0) return { predictions }
      throw new CovenantError({
        code: 'HTTP_NO_MODEL',
        message: `The endpoint ${name} has no model yet.`,
        remedy: 'Run its pipeline until a model passes the gate: covenant run <pipeline>.',
        retryable: true,
      })
    },
  )
}
