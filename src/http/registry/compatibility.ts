import type { FastifyInstance } from 'fastify'
import {
  candidateOf,
  misfits,
  refuse,
  SubjectRefusal,
  type SubjectSchema,
  type SubjectView,
} from '../../registry/index.ts'
import { schemaBody, schemaRequest } from './bodies.ts'
import type { RegistryParts } from './parts.ts'
import { flag, type RegistryRequest, subjectOf, versionOf } from './request.ts'

/** `/compatibility`: whether a schema could be registered, and with `verbose=true` why not. */
export function compatibilityRoutes(server: FastifyInstance, { subjects, prefix, hide }: RegistryParts): void {
  const post = (
    path: string,
    summary: string,
    earlier: (request: RegistryRequest, view: SubjectView) => readonly SubjectSchema[],
  ) =>
    server.post(
      `${prefix}/compatibility${path}`,
      { schema: { summary, hide, tags: ['schema registry'], body: schemaBody } },
      async (request) => {
        const view = await subjects.view()
        return verdict(request as RegistryRequest, view, earlier(request as RegistryRequest, view))
      },
    )

  post('/subjects/:subject/versions', 'Check a schema against the versions of a subject', (request, view) =>
    view.versions(subjectOf(request, view)),
  )
  post('/subjects/:subject/versions/:version', 'Check a schema against one version', (request, view) => {
    const version = versionOf(request)
    const found = view.version(subjectOf(request, view), version)
    if (!found && version !== -1) throw refuse.versionNotFound(version)
    return found ? [found] : []
  })
}

function verdict(request: RegistryRequest, view: SubjectView, earlier: readonly SubjectSchema[]): object {
  const verbose = flag(request, 'verbose')
  const messages = messagesOf(request, view, earlier, verbose)
  return { is_compatible: messages.length === 0, ...(verbose ? { messages } : {}) }
}

/** With `verbose` a text that is no schema is a reason too; without, it is refused with `42201`. */
function messagesOf(
  request: RegistryRequest,
  view: SubjectView,
  earlier: readonly SubjectSchema[],
  verbose: boolean,
): readonly string[] {
  const subject = subjectOf(request, view)
  try {
    const candidate = candidateOf(view, subject, schemaRequest(request.body), { normalize: flag(request, 'normalize') })
    return misfits(view, subject, candidate, earlier)
  } catch (thrown) {
    if (verbose && thrown instanceof SubjectRefusal && thrown.errorCode === 42201) return [thrown.message]
    throw thrown
  }
}
