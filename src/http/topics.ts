import type { FastifyInstance, FastifyRequest } from 'fastify'
import { CovenantError } from '../kernel/index.ts'
import type { Covenant } from '../runtime/index.ts'
import { eventsOfRequest, type NewRecord, rawTopic } from '../topic/index.ts'

/**
 * `POST /topics/<name>`: the door for producers that speak HTTP (services, IoT, web trackers). Takes JSON (one event or
 * an array of events) and CloudEvents 1.0 (structured, batch, binary). What is accepted is on the raw topic, durably;
 * whether it keeps the contract is the validator's verdict, not this door's.
 */
export function topicRoutes(server: FastifyInstance, covenant: Covenant): void {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  server.post<{ Params: { name: string } }>(
    '/topics/:name',
    {
      schema: {
        summary: 'Append events to the raw topic of a contract',
        consumes: ['application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json'],
        params: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
      },
    },
    async (request, reply) => {
      const { name } = request.params
      const registered = await covenant.registry.latest(name)
      if (!registered) throw await unknownTopic(covenant, name)
      const records = recordsOf(request, registered.contract.key, covenant.clock.now())
      const accepted = await covenant.append(rawTopic(name), records)
      return reply.status(202).send({ topic: rawTopic(name), accepted })
    },
  )
}

function recordsOf(request: FastifyRequest, key: readonly string[], now: number): readonly NewRecord[] {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const parsed = eventsOfRequest({ headers: request.headers, body, key, now })
  if (parsed.ok) return parsed.records
  throw new CovenantError({
    code: parsed.unsupportedMediaType ? 'HTTP_MEDIA_TYPE_UNKNOWN' : 'HTTP_BODY_INVALID',
    message: parsed.reason,
    where: request.url,
    remedy: 'Send a JSON object, an array of them, or a CloudEvent.',
  })
}

async function unknownTopic(covenant: Covenant, name: string): Promise<CovenantError> {
  const known = (await covenant.registry.all()).map(({ contract }) => contract.topic)
  return new CovenantError({
    code: 'HTTP_TOPIC_UNKNOWN',
    message: `No contract governs a topic ${name}.`,
    remedy: `Known topics: ${known.join(', ') || 'none'}. Register a contract with covenant apply.`,
  })
}
