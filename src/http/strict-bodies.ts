import { Ajv } from 'ajv'
import type { FastifyInstance } from 'fastify'

/**
 * Makes all routes of a scope take only the bodies that their schemas describe. A misspelt member, or one of another type,
 * is an error: what it was to say would else be passed over. Text is no body here, unless a route says so itself. Answers
 * are sent as they are: their schemas describe them and leave nothing out.
 */
export function strictBodies(server: FastifyInstance): void {
  const options = { useDefaults: true, allowUnionTypes: true }
  const bodies = new Ajv(options)
  const others = new Ajv({ ...options, coerceTypes: true })
  server.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? bodies : others).compile(schema as object),
  )
  server.setSerializerCompiler(() => (answer) => JSON.stringify(answer))
  server.removeContentTypeParser('text/plain')
}
