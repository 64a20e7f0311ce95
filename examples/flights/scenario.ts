import { join } from 'node:path'
import { type Covenant, loadContracts, type ReplayAction } from 'covenant/runtime'
import type { ReportData } from './report/data.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const at = (moment: string) => Date.parse(moment)

/** The weather feed falls silent for three days: its SLA is breached, publication is held, then all of it arrives late. */
export const FEED_GAPS = [
  { topic: 'weather.observed', from: '2013-02-27T00:00:00Z', to: '2013-03-02T12:00:00Z' },
] as const

/**
 * What people did during the year. Each action is safe to repeat: asking again with the same name, or applying what is
 * applied, changes nothing.
 */
export function scenario(covenant: Covenant, projectDir: string, from: number): readonly ReplayAction[] {
  const ask = (name: string, moment: number, params: Record<string, number> = {}): ReplayAction => ({
    name,
    at: moment,
    run: async () => void (await covenant.ask('delay', params, `flights-${name}`)),
  })
  const change = (name: string, moment: string, folder: string): ReplayAction => ({
    name,
    at: at(moment),
    run: () => propose(covenant, join(projectDir, 'changes', folder)),
  })
  return [
    { name: 'apply', at: from, run: async () => void (await covenant.apply({ planOnly: false })) },
    // A month of labels is there: somebody asks for the first model, and keeps it beside the loop as the frozen one.
    ask('first-model', from + 31 * DAY_MS + 5 * HOUR_MS),
    { name: 'freeze', at: from + 31 * DAY_MS + 8 * HOUR_MS, run: () => freeze(covenant) },
    // Somebody wonders whether a single tree would do. The model gate knows.
    ask('single-tree', from + 44 * DAY_MS + 6 * HOUR_MS, { rounds: 1 }),
    change('minor-version', '2013-07-01T00:00:00Z', '2013-07-01'),
    change('incompatible-version', '2013-08-15T00:00:00Z', '2013-08-15'),
  ]
}

async function freeze({ stores, clock }: Covenant): Promise<void> {
  const first = await stores.models.byAlias('delay', 'champion')
  if (!first || (await stores.models.byAlias('delay', 'frozen'))) return
  await stores.models.setAlias({
    model: 'delay',
    alias: 'frozen',
    version: first.version,
    at: clock.now(),
    runId: null,
  })
}

/** Applies changed contracts and keeps what became of them, for the report. */
async function propose(covenant: Covenant, folder: string): Promise<void> {
  const { stores, clock } = covenant
  const changes = await covenant.applyContracts(loadContracts(folder))
  const known = JSON.parse((await stores.state.get('flights/changes')) ?? '[]') as ReportData['changes']
  const fresh = changes
    .filter(({ topic, version }) => !known.some((change) => change.topic === topic && change.version === version))
    .map(({ topic, version, outcome, message, reasons }) => ({
      at: clock.now(),
      topic,
      version,
      outcome,
      message: [message, ...reasons.map((reason) => reason.message)].join(' '),
    }))
  await stores.state.set('flights/changes', JSON.stringify([...known, ...fresh]))
}
