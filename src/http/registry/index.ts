import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify'
import { CovenantError, messageOf } from '../../kernel/index.ts'
import { SubjectRefusal, type Subjects } from '../../registry/index.ts'
import { AnswerCache } from './cache.ts'
import { compatibilityRoutes } from './compatibility.ts'
import { schemaRoutes } from './schemas.ts'
import { settingRoutes } from './settings.ts'
import { subjectRoutes } from './subjects.ts'

const REGISTRY_MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json'

/**
 * The REST API of Confluent's Schema Registry, below the scope's prefix: what unchanged clients register, fetch and
 * check schemas with. `docs/reference/registry.md` lists routes and error codes.
 */
export async function registryRoutes(server: FastifyInstance, subjects: Subjects): Promise<void> {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    const text = body.toString()
    if (text.trim() === '') return done(null, undefined)
    try {
      done(null, JSON.parse(text))
    } catch (thrown) {
      done(Object.assign(new Error(`The body is not JSON: ${messageOf(thrown)}`), { statusCode: 400 }))
    }
  })
  server.addHook('onRequest', async (_request, reply) => {
    reply.type(REGISTRY_MEDIA_TYPE)
  })
  server.setErrorHandler((error: FastifyError, request, reply) => answerRefusal(error, request.body, reply))
  server.setNotFoundHandler((_request, reply) =>
    reply.status(404).send({ error_code: 404, message: 'HTTP 404 Not Found' }),
  )
  const cache = new AnswerCache(subjects)
  for (const prefix of ['', '/contexts/:context']) {
    const parts = { subjects, cache, prefix, hide: prefix !== '' }
    subjectRoutes(server, parts)
    schemaRoutes(server, parts)
    compatibilityRoutes(server, parts)
    settingRoutes(server, parts)
  }
}

function answerRefusal(thrown: FastifyError, body: unknown, reply: FastifyReply): FastifyReply {
  const { code, message } = refusalOf(thrown, body)
  return reply
    .status(code > 999 ? Math.floor(code / 100) : code)
    .type(REGISTRY_MEDIA_TYPE)
    .send({ error_code: code, message })
}

/** As Confluent's: 422 where a body is missing, 400 where it is none that the route takes. */
function refusalOf(thrown: FastifyError, body: unknown): { readonly code: number; readonly message: string } {
  if (thrown instanceof SubjectRefusal) return { code: thrown.errorCode, message: thrown.message }
  if (thrown instanceof CovenantError) return { code: 50001, message: thrown.toLine() }
  if (thrown.statusCode === 413) return { code: 413, message: 'The request body is larger than this server takes.' }
  if (thrown.validation !== undefined)
    return { code: body === undefined || body === null ? 422 : 400, message: thrown.message }
  if (thrown.statusCode !== undefined && thrown.statusCode < 500)
    return { code: thrown.statusCode, message: thrown.message }
  return { code: 500, message: `Internal Server Error: ${messageOf(thrown)}` }
}
