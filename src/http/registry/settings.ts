import type { FastifyInstance } from 'fastify'
import { joinSubject, MODES, refuse } from '../../registry/index.ts'
import { updatedConfigAnswer } from './answers.ts'
import { configBody, configUpdate, modeBody } from './bodies.ts'
import type { RegistryParts } from './parts.ts'
import { contextOf, flag, type RegistryRequest, scopeOf } from './request.ts'

/** `/config` and `/mode`: of all subjects, of a context, of a subject. */
export function settingRoutes(server: FastifyInstance, { subjects, cache, prefix, hide }: RegistryParts): void {
  const schema = (summary: string, body?: object) => ({
    schema: { summary, hide, tags: ['schema registry'], ...(body ? { body } : {}) },
  })
  for (const path of ['', '/:subject']) {
    const of = path === '' ? 'all subjects' : 'a subject or context'
    server.get(`${prefix}/config${path}`, schema(`Configuration of ${of}`), (request, reply) =>
      cache.answer(request as RegistryRequest, reply, (view) => {
        const scope = settingScope(request as RegistryRequest)
        const own = view.setting(scope)?.config
        if (scope === '' || flag(request as RegistryRequest, 'defaultToGlobal')) return view.configInScope(scope)
        if (!own) throw refuse.noSubjectCompatibility(scope)
        return own
      }),
    )
    server.put(`${prefix}/config${path}`, schema(`Configure ${of}`, configBody), async (request) =>
      updatedConfigAnswer(
        await subjects.configure(settingScope(request as RegistryRequest), configUpdate(request.body)),
      ),
    )
    server.delete(`${prefix}/config${path}`, schema(`Configuration of ${of}: back to the default`), (request) =>
      subjects.deleteConfig(settingScope(request as RegistryRequest)),
    )
    server.get(`${prefix}/mode${path}`, schema(`Mode of ${of}`), (request, reply) =>
      cache.answer(request as RegistryRequest, reply, (view) => {
        const scope = settingScope(request as RegistryRequest)
        const own = view.setting(scope)?.mode
        if (scope === '' || flag(request as RegistryRequest, 'defaultToGlobal'))
          return { mode: view.modeInScope(scope) }
        if (!own) throw refuse.noSubjectMode(scope)
        return { mode: own }
      }),
    )
    server.put(`${prefix}/mode${path}`, schema(`Set the mode of ${of}`, modeBody), async (request) => {
      const wanted = String((request.body as { mode?: unknown } | undefined)?.mode ?? '').toUpperCase()
      const mode = MODES.find((known) => known === wanted)
      if (!mode) throw refuse.invalidMode()
      const force = flag(request as RegistryRequest, 'force')
      return { mode: await subjects.setMode(settingScope(request as RegistryRequest), mode, { force }) }
    })
    server.delete(`${prefix}/mode${path}`, schema(`Mode of ${of}: back to the default`), async (request) => ({
      mode: await subjects.deleteMode(settingScope(request as RegistryRequest)),
    }))
  }
}

/** A subject, a context (`:.staging:`), or the empty text for all subjects, which the default context stands for. */
function settingScope(request: RegistryRequest): string {
  if (request.params.subject !== undefined) return scopeOf(request)
  const context = contextOf(request)
  return context === '.' ? '' : joinSubject(context, '')
}
