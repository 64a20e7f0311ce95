import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Contract } from '../contract/index.ts'
import { CovenantError } from '../kernel/index.ts'
import type { Covenant } from '../runtime/index.ts'
import { eventsOfRequest, HEADERS, type NewRecord, type ProducerSequence, rawTopic } from '../topic/index.ts'

/**
 * `POST /topics/<name>`: the door for producers that speak HTTP (services, IoT, web trackers). Takes JSON (one event or
 * an array of events) and CloudEvents 1.0 (structured, batch, binary). What is accepted is on the raw topic, durably;
 * whether it keeps the contract is the validator's verdict, not this door's.
 *
 * Header `cov.version` names the contract version that the events were written for. With `cov.producer-id` and
 * `cov.first-sequence` (the number of the first event among all that this producer ever sends to the topic, from 0) a
 * request that is sent again appends nothing twice.
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
      const records = recordsOf(request, registered.contract, covenant.clock.now())
      const accepted = await covenant.append(rawTopic(name), records, sequenceOf(request))
      return reply.status(202).send({ topic: rawTopic(name), accepted })
    },
  )
}

function recordsOf(request: FastifyRequest, { key, cdc }: Contract, now: number): readonly NewRecord[] {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const parsed = eventsOfRequest({ headers: request.headers, body, key, cdc, now })
  const version = request.headers[HEADERS.version]
  if (parsed.ok)
    return typeof version === 'string'
      ? parsed.records.map((record) => ({ ...record, headers: { ...record.headers, [HEADERS.version]: version } }))
      : parsed.records
  throw new CovenantError({
    code: parsed.unsupportedMediaType ? 'HTTP_MEDIA_TYPE_UNKNOWN' : 'HTTP_BODY_INVALID',
    message: parsed.reason,
    where: request.url,
    remedy: 'Send a JSON object, an array of them, or a CloudEvent.',
  })
}

function sequenceOf({ headers, url }: FastifyRequest): ProducerSequence | undefined {
  const producerId = headers['cov.producer-id']
  const first = headers['cov.first-sequence']
  if (producerId === undefined && first === undefined) return undefined
  if (typeof producerId === 'string' && producerId !== '' && typeof first === 'string' && /^\d{1,15}$/.test(first))
    return { producerId, first: Number(first) }
  throw new CovenantError({
    code: 'HTTP_BODY_INVALID',
    message: 'cov.producer-id and cov.first-sequence belong together: a name, and a whole number from 0.',
    where: url,
    remedy: 'Send both, or neither.',
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
