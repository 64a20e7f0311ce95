import type { FastifyInstance } from 'fastify'
import {
  findSchema,
  inFormat,
  joinSubject,
  refuse,
  type SubjectSchema,
  type SubjectView,
  splitSubject,
} from '../../registry/index.ts'
import { versionAnswer } from './answers.ts'
import { schemaBody, schemaRequest } from './bodies.ts'
import type { RegistryParts } from './parts.ts'
import { contextOf, deletedOf, flag, page, type RegistryRequest, subjectOf, values, versionOf } from './request.ts'

/** `/subjects`: versions of schemas by subject. */
export function subjectRoutes(server: FastifyInstance, { subjects, cache, prefix, hide }: RegistryParts): void {
  const get = (path: string, summary: string, read: (request: RegistryRequest, view: SubjectView) => unknown) =>
    server.get(prefix + path, { schema: { summary, hide, tags: ['schema registry'] } }, (request, reply) =>
      cache.answer(request as RegistryRequest, reply, (view) => read(request as RegistryRequest, view)),
    )
  const post = (path: string, summary: string, answer: (request: RegistryRequest) => Promise<unknown>) =>
    server.post(prefix + path, { schema: { summary, hide, tags: ['schema registry'], body: schemaBody } }, (request) =>
      answer(request as RegistryRequest),
    )

  get('/subjects', 'Subjects', (request, view) => page(request, subjectList(request, view)))
  get('/subjects/:subject/versions', 'Versions of a subject', (request, view) => {
    const subject = subjectOf(request, view)
    const deleted = deletedOf(request)
    if (!view.has(subject, deleted === 'only' ? 'with' : deleted)) throw refuse.subjectNotFound(subject)
    const found = flag(request, 'deletedAsNegative') ? view.versions(subject, 'with') : view.versions(subject, deleted)
    const numbers = found.map(({ entry }) =>
      flag(request, 'deletedAsNegative') && entry.deleted ? -entry.version : entry.version,
    )
    return page(request, numbers)
  })
  get('/subjects/:subject/versions/:version', 'A version of a subject', (request, view) =>
    versionAnswer(inFormat(view, versionFound(request, view), values(request, 'format')[0])),
  )
  get('/subjects/:subject/versions/:version/schema', 'The schema of a version alone', (request, view) =>
    JSON.parse(asJson(inFormat(view, versionFound(request, view), values(request, 'format')[0]).schema.schema)),
  )
  get(
    '/subjects/:subject/versions/:version/referencedby',
    'Ids of schemas that refer to a version',
    (request, view) => {
      const { entry } = versionFound(request, view, 'with')
      const by = view.referencedBy(entry.subject, entry.version, deletedOf(request) === 'with' ? 'with' : 'without')
      return page(request, [...new Set(by.map(({ schemaId }) => schemaId))])
    },
  )
  get('/subjects/:subject/metadata', 'The latest version with given metadata', (request, view) => {
    const subject = subjectOf(request, view)
    const deleted = flag(request, 'deleted') ? 'with' : 'without'
    const [keys, wanted] = [values(request, 'key'), values(request, 'value')]
    const found = view
      .versions(subject, deleted)
      .findLast(({ schema }) => keys.every((key, index) => schema.metadata?.properties?.[key] === wanted[index]))
    if (!found) throw view.has(subject, deleted) ? refuse.schemaNotFound() : refuse.subjectNotFound(subject)
    return versionAnswer(inFormat(view, found, values(request, 'format')[0]))
  })
  post('/subjects/:subject', 'Look up a schema in a subject', async (request) => {
    const view = await subjects.view()
    const subject = subjectOf(request, view)
    const deleted = flag(request, 'deleted') ? 'with' : 'without'
    if (!view.has(subject, deleted)) throw refuse.subjectNotFound(subject)
    const found = findSchema(view, subject, schemaRequest(request.body), {
      normalize: flag(request, 'normalize'),
      deleted,
    })
    if (!found) throw refuse.schemaNotFound()
    return versionAnswer(inFormat(view, found, values(request, 'format')[0]))
  })
  post('/subjects/:subject/versions', 'Register a schema', async (request) => {
    const subject = subjectOf(request, await subjects.view())
    const options = { normalize: flag(request, 'normalize') }
    const registered = await subjects.register(subject, schemaRequest(request.body), options)
    const shown = inFormat(await subjects.view(), registered, values(request, 'format')[0])
    const { subject: _, ...answer } = versionAnswer(shown) as Record<string, unknown>
    return answer
  })
  server.delete(
    `${prefix}/subjects/:subject`,
    { schema: { summary: 'Delete a subject', hide, tags: ['schema registry'] } },
    async (request) =>
      subjects.deleteSubject(subjectOf(request as RegistryRequest, await subjects.view()), {
        permanent: flag(request as RegistryRequest, 'permanent'),
      }),
  )
  server.delete(
    `${prefix}/subjects/:subject/versions/:version`,
    { schema: { summary: 'Delete a version', hide, tags: ['schema registry'] } },
    async (request, reply) => {
      const asked = request as RegistryRequest
      const subject = subjectOf(asked, await subjects.view())
      const deleted = await subjects.deleteVersion(subject, versionOf(asked), { permanent: flag(asked, 'permanent') })
      return reply.send(String(deleted))
    },
  )
}

/** `subjectPrefix` starts with a context, or is `:*:` for all of them, which is also the default. */
function subjectList(request: RegistryRequest, view: SubjectView): readonly string[] {
  const all = view.subjects(deletedOf(request))
  const own =
    request.params.context === undefined ? all : all.filter((each) => splitSubject(each).context === contextOf(request))
  const wanted = values(request, 'subjectPrefix')[0]
  if (wanted === undefined || wanted === '' || wanted === ':*:') return own
  if (wanted.startsWith(':*:')) return own.filter((each) => splitSubject(each).name.startsWith(wanted.slice(3)))
  const { context, name } = splitSubject(wanted)
  return own.filter((each) => each.startsWith(joinSubject(context, name)) && splitSubject(each).context === context)
}

/** Throws `40401`, `40402`, `42202`. */
function versionFound(request: RegistryRequest, view: SubjectView, deleted?: 'with'): SubjectSchema {
  const subject = subjectOf(request, view)
  const version = versionOf(request)
  const seen = deleted ?? (flag(request, 'deleted') ? 'with' : 'without')
  const found = view.version(subject, version, seen)
  if (found) return found
  throw view.has(subject, seen) ? refuse.versionNotFound(version) : refuse.subjectNotFound(subject)
}

/** JSON and Avro texts are JSON; a Protobuf text is answered as a JSON text. */
function asJson(schema: string): string {
  try {
    JSON.parse(schema)
    return schema
  } catch {
    return JSON.stringify(schema)
  }
}
