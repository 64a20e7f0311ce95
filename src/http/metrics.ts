import type { FastifyInstance } from 'fastify'
import { type Covenant, serviceLevels } from '../runtime/index.ts'
import { type RuleStanding, ruleStandings } from '../validation/index.ts'

interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** `/metrics` in the text format of Prometheus, version 0.0.4. */
export function metricsRoutes(server: FastifyInstance, covenant: Covenant): void {
  server.get('/metrics', { schema: { summary: 'Prometheus metrics' } }, async (_request, reply) => {
    const topics = await covenant.stores.log.topics()
    const publications = await covenant.stores.sla.publications()
    const runs = await covenant.stores.runs.runs()
    const levels = await serviceLevels(covenant.stores)
    const contractTopics = (await covenant.registry.all()).map(({ contract }) => contract.topic)
    const rules = stagedRules(await ruleStandings(covenant.stores.log, covenant.registry, contractTopics))
    const open = (await covenant.stores.levels.incidents()).filter(({ resolvedAt }) => resolvedAt === null)
    const outcomes = new Map<string, number>()
    for (const run of runs) {
      const key = `${run.pipeline}\u0000${run.outcome ?? 'running'}`
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1)
    }
    const text = [
      family(
        'covenant_topic_records_total',
        'counter',
        'Records appended to a topic.',
        topics.map(({ topic, records }) => ({ labels: { topic }, value: records })),
      ),
      family(
        'covenant_rule_records_total',
        'counter',
        'Conforming records that a rule in the stage shadow or warn has met, since it is as it is.',
        rules.map(({ labels, evaluated }) => ({ labels, value: evaluated })),
      ),
      family(
        'covenant_rule_broken_total',
        'counter',
        'Those of them that the rule would have refused.',
        rules.map(({ labels, broken }) => ({ labels, value: broken })),
      ),
      family(
        'covenant_publication_held',
        'gauge',
        '1 while publication of a contract is held by a breached SLA.',
        publications.map(({ contractId, heldSince }) => ({
          labels: { contract: contractId },
          value: heldSince === null ? 0 : 1,
        })),
      ),
      family(
        'covenant_service_level_missed',
        'gauge',
        '1 where the newest evaluation of a service level missed it.',
        levels.map(({ contractId, level, status }) => ({
          labels: { contract: contractId, level },
          value: status === 'missed' ? 1 : 0,
        })),
      ),
      family(
        'covenant_error_budget_remaining_ratio',
        'gauge',
        'Share of the error budget that is left over its window; below 0 when it is overdrawn.',
        levels.flatMap(({ contractId, level, budget }) =>
          budget === null || budget.allowed === 0
            ? []
            : [{ labels: { contract: contractId, level }, value: 1 - budget.used / budget.allowed }],
        ),
      ),
      family(
        'covenant_open_incidents',
        'gauge',
        'Broken promises that are not repaired yet.',
        [...new Set(levels.map(({ contractId }) => contractId))].map((contract) => ({
          labels: { contract },
          value: open.filter(({ contractId }) => contractId === contract).length,
        })),
      ),
      family(
        'covenant_runs_total',
        'counter',
        'Runs by pipeline and outcome.',
        [...outcomes].map(([key, value]) => {
          const [pipeline = '', outcome = ''] = key.split('\u0000')
          return { labels: { pipeline, outcome }, value }
        }),
      ),
    ].join('')
    return reply.type('text/plain; version=0.0.4').send(text)
  })
}

function stagedRules(standings: readonly RuleStanding[]) {
  return standings.flatMap(({ topic, rule, stage, since, evaluated, broken }) =>
    evaluated === null || broken === null ? [] : [{ labels: { topic, rule, stage, since }, evaluated, broken }],
  )
}

function family(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels, value }) => {
    const text = Object.entries(labels).map(([label, content]) => `${label}="${escapeLabel(content)}"`)
    return `${name}{${text.join(',')}} ${value}\n`
  })
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
