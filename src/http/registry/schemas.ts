import type { FastifyInstance } from 'fastify'
import {
  inFormat,
  normalSubject,
  refuse,
  SCHEMA_TYPES,
  type SubjectSchema,
  type SubjectView,
} from '../../registry/index.ts'
import { schemaAnswer, versionAnswer } from './answers.ts'
import type { RegistryParts } from './parts.ts'
import { contextOf, flag, page, type RegistryRequest, values } from './request.ts'

/** `/schemas`: schemas by their id or guid, which hold for all subjects; `/contexts`. */
export function schemaRoutes(server: FastifyInstance, { subjects, cache, prefix, hide }: RegistryParts): void {
  const get = (path: string, summary: string, read: (request: RegistryRequest, view: SubjectView) => unknown) =>
    server.get(prefix + path, { schema: { summary, hide, tags: ['schema registry'] } }, (request, reply) =>
      cache.answer(request as RegistryRequest, reply, (view) => read(request as RegistryRequest, view)),
    )

  get('/schemas', 'Versions of all subjects', (request, view) => {
    const wanted = values(request, 'subjectPrefix')[0] ?? ''
    const deleted = flag(request, 'deleted') ? 'with' : 'without'
    const found = view
      .subjects(deleted)
      .filter((subject) => wanted === '' || wanted === ':*:' || subject.startsWith(wanted))
      .flatMap((subject) =>
        flag(request, 'latestOnly') ? view.versions(subject, deleted).slice(-1) : view.versions(subject, deleted),
      )
    return page(request, found).map(versionAnswer)
  })
  get('/schemas/types', 'Types of schemas', () => SCHEMA_TYPES)
  get('/schemas/ids/:id', 'A schema by its id', (request, view) =>
    schemaAnswer(schemaFound(request, view), flag(request, 'fetchMaxId') ? view.lastId : undefined),
  )
  get('/schemas/ids/:id/schema', 'The text of a schema by its id', (request, view) => {
    const { schema } = schemaFound(request, view).schema
    return schema.startsWith('{') || schema.startsWith('[') || schema.startsWith('"') ? JSON.parse(schema) : schema
  })
  get('/schemas/ids/:id/subjects', 'Subjects that have a schema', (request, view) =>
    page(request, [...new Set(uses(request, view).map(({ subject }) => subject))]),
  )
  get('/schemas/ids/:id/versions', 'Subjects and versions that have a schema', (request, view) =>
    page(request, uses(request, view)).map(({ subject, version }) => ({ subject, version })),
  )
  get('/schemas/guids/:guid', 'A schema by its guid', (request, view) => {
    const guid = request.params.guid ?? ''
    const schema = view.byGuid(guid)
    const [entry] = schema ? view.uses(schema.id, 'with') : []
    if (!schema || !entry) throw refuse.schemaNotFound(guid)
    return schemaAnswer(inFormat(view, { entry, schema }, values(request, 'format')[0]))
  })
  get('/schemas/guids/:guid/ids', 'Ids of a guid', (request, view) => {
    const schema = view.byGuid(request.params.guid ?? '')
    return schema ? [{ context: '.', id: schema.id }] : []
  })
  if (prefix === '') {
    get('/contexts', 'Contexts', (request, view) => {
      const wanted = values(request, 'contextPrefix')[0] ?? ''
      return page(
        request,
        view.contexts().filter((context) => context.startsWith(wanted)),
      )
    })
    server.delete(
      '/contexts/:context',
      { schema: { summary: 'Delete a context that has no subjects', tags: ['schema registry'] } },
      async (request, reply) => {
        await subjects.deleteContext(contextOf(request as RegistryRequest))
        return reply.status(204).send()
      },
    )
    get('/v1/metadata/id', 'The cluster', () => ({ scope: { path: [], clusters: {} }, id: '' }))
    get('/v1/metadata/version', 'The version of the interface', () => ({ version: '8.1.0', commitId: '' }))
    server.get('/associations/*', { schema: { hide: true } }, (request) => {
      throw refuse.associationNotFound(request.url.split('/').at(-1)?.split('?')[0] ?? '')
    })
    get('/', 'The registry answers', () => ({}))
  }
}

/** `subject` may name a subject whose version is meant, or a context. Throws `40403`, and 404 for what is no id. */
function schemaFound(request: RegistryRequest, view: SubjectView): SubjectSchema {
  const id = idOf(request)
  const schema = view.schema(id)
  const entries = schema ? view.uses(id, 'with') : []
  const subject = normalSubject(values(request, 'subject')[0] ?? '', contextOf(request))
  const entry = entries.find((each) => each.subject === subject) ?? entries[0]
  if (!schema || !entry) throw refuse.schemaNotFound(id)
  return inFormat(view, { entry, schema }, values(request, 'format')[0])
}

function uses(request: RegistryRequest, view: SubjectView) {
  const { schema } = schemaFound(request, view)
  const wanted = values(request, 'subject')[0]
  return view
    .uses(schema.id, flag(request, 'deleted') ? 'with' : 'without')
    .filter(({ subject }) => !wanted || subject === normalSubject(wanted, contextOf(request)))
}

function idOf({ params }: RegistryRequest): number {
  const text = params.id ?? ''
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw Object.assign(new Error('HTTP 404 Not Found'), { statusCode: 404 })
}
