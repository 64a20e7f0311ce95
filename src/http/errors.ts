import type { FastifyReply } from 'fastify'
import { CovenantError, messageOf } from '../kernel/index.ts'

/** Codes of the errors that the HTTP faces answer with, and what each means. */
export const ERRORS = {
  HTTP_NOT_FOUND: 'There is nothing at this method and path.',
  HTTP_BODY_INVALID: 'The request (body, query or path) is not what this path takes.',
  HTTP_BODY_TOO_LARGE: 'The request body is larger than this server takes.',
  HTTP_MEDIA_TYPE_UNKNOWN: 'The content type of the request is not one that this path takes.',
  HTTP_TOPIC_UNKNOWN: 'No contract governs a topic of this name.',
  HTTP_CONTRACT_UNKNOWN: 'No contract, or no version of it, has this name.',
  HTTP_ENDPOINT_UNKNOWN: 'No endpoint has this name.',
  HTTP_NO_MODEL: 'The endpoint has no model to score with yet.',
  HTTP_PORT_IN_USE: 'The port to listen on is taken by another program.',
  HTTP_INTERNAL: 'Something failed inside Covenant.',
} as const

const STATUS: Readonly<Record<string, number>> = {
  HTTP_NOT_FOUND: 404,
  HTTP_TOPIC_UNKNOWN: 404,
  HTTP_CONTRACT_UNKNOWN: 404,
  HTTP_ENDPOINT_UNKNOWN: 404,
  HTTP_BODY_INVALID: 422,
  HTTP_BODY_TOO_LARGE: 413,
  HTTP_MEDIA_TYPE_UNKNOWN: 415,
  HTTP_NO_MODEL: 409,
  PROJECT_NAME_UNKNOWN: 404,
  VALIDATION_PATCH_INVALID: 422,
  VALIDATION_NOT_PAUSED: 409,
  VALIDATION_DEAD_LETTERS_BUSY: 409,
}

/** Answers any error as `{ code, message, where?, remedy?, retryable }` with the status that fits. */
export function answerError(thrown: unknown, reply: FastifyReply): FastifyReply {
  const error = asCovenantError(thrown)
  return reply
    .status(STATUS[error.code] ?? (error.code === 'HTTP_INTERNAL' ? 500 : 400))
    .type('application/json')
    .send(error.toJSON())
}

function asCovenantError(thrown: unknown): CovenantError {
  if (thrown instanceof CovenantError) return thrown
  const status = (thrown as { statusCode?: number }).statusCode
  if (status === 413)
    return new CovenantError({
      code: 'HTTP_BODY_TOO_LARGE',
      message: 'The body is larger than 4 MiB.',
      remedy: 'Send it in parts.',
    })
  if (status === 415)
    return new CovenantError({
      code: 'HTTP_MEDIA_TYPE_UNKNOWN',
      message: messageOf(thrown),
      remedy: 'Send application/json, or what GET /api/openapi.json lists for this path.',
    })
  if (status !== undefined && status < 500)
    return new CovenantError({
      code: 'HTTP_BODY_INVALID',
      message: `${messageOf(thrown)}${detailOf(thrown)}`,
      remedy: 'GET /api/openapi.json tells what this path takes.',
    })
  return new CovenantError({ code: 'HTTP_INTERNAL', message: messageOf(thrown), cause: thrown })
}

interface AjvFault {
  readonly params: { readonly additionalProperty?: string; readonly allowedValues?: readonly unknown[] }
}

/** What Ajv knows and leaves out of its message: the name of the surplus member, the values there are. */
function detailOf(thrown: unknown): string {
  const { validation = [] } = thrown as { readonly validation?: readonly AjvFault[] }
  const { additionalProperty, allowedValues } = validation[0]?.params ?? {}
  if (additionalProperty !== undefined) return `: "${additionalProperty}" is not known here`
  return allowedValues === undefined ? '' : `: ${allowedValues.join(', ')}`
}
