import type { FastifyInstance } from 'fastify'
import { CovenantError, type Json } from '../kernel/index.ts'
import { type Covenant, serviceLevels } from '../runtime/index.ts'
import { topicCounts } from '../topic/index.ts'
import { ruleStandings, versionStandings } from '../validation/index.ts'

/** `/api`: what the loop holds, read-only, and the ad-hoc trigger. Described by `/api/openapi.json`. */
export function apiRoutes(server: FastifyInstance, covenant: Covenant): void {
  const { stores, registry } = covenant
  const get = (path: string, summary: string, read: () => Promise<unknown>) =>
    server.get(path, { schema: { summary } }, read)

  get('/api/topics', 'Records per contract topic', async () => topicCounts(stores.log, await topicNames(covenant)))
  get('/api/contract-versions', 'From which raw offset on each contract version holds', async () =>
    versionStandings(stores.log, registry, await topicNames(covenant)),
  )
  get('/api/rules', 'Record rules by stage, and what those not enforced would have refused', async () =>
    ruleStandings(stores.log, registry, await topicNames(covenant)),
  )
  get('/api/audits', 'SLA audits', () => stores.sla.audits().then((audits) => [...audits]))
  get('/api/publications', 'What the warehouse may read', () => stores.sla.publications().then((list) => [...list]))
  get('/api/service-levels', 'Service levels as evaluated last, with their error budgets', () => serviceLevels(stores))
  get('/api/incidents', 'Broken promises: began, found, told, repaired', () => stores.levels.incidents())
  get('/api/runs', 'Runs of all pipelines', () => stores.runs.runs().then((runs) => [...runs]))
  get('/api/models', 'Model versions', () => stores.models.versions().then((versions) => [...versions]))
  get('/api/signals', 'The trigger ledger', () => stores.ledger.entries().then((entries) => [...entries]))
  get('/api/alerts', 'Alerts, open and resolved', () => stores.monitors.alerts().then((alerts) => [...alerts]))
  server.get<{ Params: { id: string } }>(
    '/api/why/:id',
    { schema: { summary: 'From a prediction back to the raw events' } },
    (request) => covenant.why(request.params.id),
  )
  server.post<{ Params: { name: string }; Body: { params?: Record<string, Json> } | null }>(
    '/api/pipelines/:name/run',
    {
      schema: {
        summary: 'Ask for a run (ad hoc)',
        body: { type: ['object', 'null'], additionalProperties: false, properties: { params: { type: 'object' } } },
      },
    },
    async (request, reply) => {
      const { name } = request.params
      if (!(await stores.pipelines.deployed(name))) throw unknownPipeline(covenant, name)
      const entry = await covenant.ask(name, request.body?.params ?? {})
      return reply.status(202).send(entry)
    },
  )
}

function unknownPipeline({ project }: Covenant, name: string): CovenantError {
  return new CovenantError({
    code: 'PROJECT_NAME_UNKNOWN',
    message: `No pipeline ${name} is deployed.`,
    remedy: `Pipelines of the project: ${project.pipelines.map((pipeline) => pipeline.name).join(', ') || 'none'}. Deploy them with covenant apply.`,
  })
}

async function topicNames(covenant: Covenant): Promise<readonly string[]> {
  return (await covenant.registry.all()).map(({ contract }) => contract.topic)
}
