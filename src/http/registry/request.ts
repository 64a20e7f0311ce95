import type { FastifyRequest } from 'fastify'
import { normalSubject, refuse, type SubjectView } from '../../registry/index.ts'

/** A request below `/registry`. `context` is there below `/registry/contexts/<context>`. */
export type RegistryRequest = FastifyRequest<{
  Params: Readonly<Record<'context' | 'subject' | 'version' | 'id' | 'guid', string | undefined>>
  Querystring: Readonly<Record<string, string | readonly string[] | undefined>>
}>

/** The context of the path, with or without its colons; `.` where the path has none. */
export function contextOf({ params }: RegistryRequest): string {
  const context = (params.context ?? '.').replace(/^:|:$/g, '')
  return context.startsWith('.') ? context : `.${context}`
}

/** The subject that the path names, as a scope of settings: an alias stands for itself. */
export function scopeOf(request: RegistryRequest): string {
  return normalSubject(request.params.subject ?? '', contextOf(request))
}

/** The subject that the path names; an alias stands for the subject that it is configured to mean. */
export function subjectOf(request: RegistryRequest, view: SubjectView): string {
  const scope = scopeOf(request)
  const alias = view.setting(scope)?.config?.alias
  return alias === undefined ? scope : normalSubject(alias, contextOf(request))
}

const VERSION_MAX = 2 ** 31 - 1

/** The version that the path names; -1 for the latest. Throws `42202`. */
export function versionOf({ params }: RegistryRequest): number {
  const text = params.version ?? ''
  if (text === 'latest' || text === '-1') return -1
  const version = /^\d{1,10}$/.test(text) ? Number(text) : 0
  if (version < 1 || version > VERSION_MAX) throw refuse.invalidVersion(text)
  return version
}

export function flag({ query }: RegistryRequest, name: string): boolean {
  return String(query[name] ?? '').toLowerCase() === 'true'
}

/** All values of a query parameter, in order. */
export function values({ query }: RegistryRequest, name: string): readonly string[] {
  const value = query[name]
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

export function deletedOf(request: RegistryRequest): 'without' | 'with' | 'only' {
  if (flag(request, 'deletedOnly')) return 'only'
  return flag(request, 'deleted') ? 'with' : 'without'
}

/** The part of a list that `offset` and `limit` ask for. */
export function page<Item>(request: RegistryRequest, items: readonly Item[]): readonly Item[] {
  const [offset, limit] = [whole(values(request, 'offset')[0], 0), whole(values(request, 'limit')[0], -1)]
  return items.slice(Math.max(offset, 0), limit < 0 ? undefined : Math.max(offset, 0) + limit)
}

function whole(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : otherwise
}
