import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Covenant, deadLetterSummary, describeCheck, topicCounts, validatedTopic } from 'covenant/runtime'
import { meanAuc, type ReportData, type WeeklyPerformance } from './report/data.ts'
import { reportHtml } from './report/html.ts'

/** The object that `--json` prints. */
export interface DemoResult {
  readonly topics: Readonly<Record<string, { raw: number; validated: number; deadLetters: number }>>
  readonly deadLetters: readonly { topic: string; fingerprint: string; reason: string; count: number }[]
  readonly snapshots: number
  readonly slaAudits: { readonly passed: number; readonly held: number }
  readonly runs: readonly { id: string; pipeline: string; trigger: string; outcome: string }[]
  readonly promotions: number
  readonly signals: readonly { kind: string; outcome: string; reason: string }[]
  readonly predictions: number
  readonly weekly: readonly { week: string; aucLoop: number; aucFrozen: number; flights: number }[]
  /** Path of the HTML report. */
  readonly report: string
  readonly wallSeconds: number
  readonly rssPeakMiB: number
}

/** What a finished replay leaves in its state folder. */
export interface Summary {
  readonly result: DemoResult
  readonly data: ReportData
  /** Id of a prediction, for those who want to ask `covenant why`; `null` where nothing was scored. */
  readonly examplePrediction: string | null
  /** Where the replay ended, epoch milliseconds: real time goes on from here with `--serve`. */
  readonly endedAt: number
}

/** Gathers the result from the state, and writes the report. */
export async function summarize(
  covenant: Covenant,
  span: { readonly from: string; readonly to: string; readonly stateDir: string; readonly wallSeconds: number },
): Promise<Summary> {
  const data = await gather(covenant, span)
  const report = join(span.stateDir, 'report.html')
  writeFileSync(report, await reportHtml(data))
  const examplePrediction = await middlePrediction(covenant, data.predictions)
  return { result: resultOf(data, report), data, examplePrediction, endedAt: covenant.clock.now() }
}

async function gather(
  covenant: Covenant,
  { from, to, wallSeconds }: { readonly from: string; readonly to: string; readonly wallSeconds: number },
): Promise<ReportData> {
  const { stores, registry, lake } = covenant
  const topics = (await registry.all()).map(({ contract }) => contract.topic).sort()
  const counts = await topicCounts(stores.log, topics)
  const topicOf = new Map((await registry.all()).map(({ contract }) => [contract.id, contract.topic]))
  const promotions = (await stores.models.aliasHistory('delay')).filter(({ alias }) => alias === 'champion')
  return {
    from,
    to,
    topics: topics.map((name) => ({ name, ...(counts[name] ?? { raw: 0, validated: 0, deadLetters: 0 }) })),
    deadLetters: (await deadLetterSummary(stores, topics)).map(({ topic, fingerprint, reason, count }) => ({
      topic,
      fingerprint,
      reason,
      count,
    })),
    weekly: await weeklyOf(covenant),
    drift: [
      ...(await stores.monitors.points('delay', 'prediction-drift')).map((point) => ({ ...point, subject: 'score' })),
      ...(await stores.monitors.points('delay', 'drift')),
    ].map(({ windowStart, subject, value }) => ({
      week: windowStart,
      feature: subject,
      psi: value,
    })),
    runs: (await stores.runs.runs()).map(({ id, pipeline, startedAt, trigger, outcome, reason }) => ({
      id,
      pipeline,
      at: startedAt,
      trigger,
      outcome: outcome ?? 'running',
      reason,
    })),
    promotions: promotions.map(({ at, version, runId }) => ({ at, version, runId: runId ?? '' })),
    signals: (await stores.ledger.entries()).map(({ signal, outcome, reason }) => ({
      at: signal.at,
      kind: signal.kind,
      outcome: outcome ?? 'deferred',
      reason,
    })),
    audits: (await stores.sla.audits()).map(({ auditedAt, contractId, outcome, checks }) => ({
      at: auditedAt,
      topic: topicOf.get(contractId) ?? contractId,
      outcome,
      failed: checks.filter(({ passed, severity }) => !passed && severity === 'error').map(describeCheck),
    })),
    alerts: (await stores.monitors.alerts()).map(({ raisedAt, resolvedAt, subject, message }) => ({
      raisedAt,
      resolvedAt,
      subject,
      message,
    })),
    changes: JSON.parse((await stores.state.get('flights/changes')) ?? '[]') as ReportData['changes'],
    skew: await skewOf(covenant),
    snapshots: (await lake.snapshots()).length,
    predictions: counts['delay.predictions']?.validated ?? 0,
    wallSeconds,
    rssPeakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }
}

async function weeklyOf({ stores }: Covenant): Promise<readonly WeeklyPerformance[]> {
  const auc = await stores.monitors.points('delay', 'auc')
  const logLoss = await stores.monitors.points('delay', 'log-loss')
  const base = await stores.monitors.points('delay', 'base-rate')
  const find = (points: typeof auc, subject: string, week: number) =>
    points.find((point) => point.subject === subject && point.windowStart === week)
  return auc
    .filter(({ subject }) => subject === 'champion')
    .flatMap(({ windowStart: week, value, rows }) => {
      const frozen = find(auc, 'frozen', week)
      // Models are compared on the same flights: the week in which the frozen one was set aside does not count.
      if (frozen?.rows !== rows) return []
      return [
        {
          week,
          flights: rows,
          aucLoop: value,
          aucFrozen: frozen.value,
          aucControl: find(auc, 'control', week)?.value ?? null,
          logLossLoop: find(logLoss, 'champion', week)?.value ?? 0,
          lateShare: find(base, 'champion', week)?.value ?? 0,
        },
      ]
    })
}

async function skewOf({ stores }: Covenant): Promise<ReportData['skew']> {
  const points = (await stores.monitors.points('delay', 'skew')).filter(({ subject }) => subject === '')
  const compared = points.reduce((sum, { rows }) => sum + rows, 0)
  const unequal = points.reduce((sum, { rows, value }) => sum + Math.round(value * rows), 0)
  return { compared, unequal }
}

async function middlePrediction({ stores }: Covenant, predictions: number): Promise<string | null> {
  const [record] = await stores.log.read(validatedTopic('delay.predictions'), 0, Math.floor(predictions / 2), 1)
  return record?.value ? (JSON.parse(Buffer.from(record.value).toString()).prediction_id as string) : null
}

function resultOf(data: ReportData, report: string): DemoResult {
  const held = data.audits.filter(({ outcome }) => outcome === 'held').length
  return {
    topics: Object.fromEntries(data.topics.map(({ name, ...counts }) => [name, counts])),
    deadLetters: data.deadLetters,
    snapshots: data.snapshots,
    slaAudits: { passed: data.audits.length - held, held },
    runs: data.runs.map(({ id, pipeline, trigger, outcome }) => ({ id, pipeline, trigger, outcome })),
    promotions: data.promotions.length,
    signals: data.signals.map(({ kind, outcome, reason }) => ({ kind, outcome, reason })),
    predictions: data.predictions,
    weekly: data.weekly.map(({ week, aucLoop, aucFrozen, flights }) => ({
      week: new Date(week).toISOString().slice(0, 10),
      aucLoop,
      aucFrozen,
      flights,
    })),
    report,
    wallSeconds: Math.round(data.wallSeconds * 10) / 10,
    rssPeakMiB: data.rssPeakMiB,
  }
}

/** The summary as text for a terminal. */
export function terminalSummary({ result, data, examplePrediction }: Summary): string {
  const count = (value: number) => value.toLocaleString('en-US').padStart(11)
  const runs = ['succeeded', 'rejected', 'aborted', 'failed']
    .map((outcome) => `${data.runs.filter((run) => run.outcome === outcome).length} ${outcome}`)
    .join(', ')
  const mean = meanAuc(data.weekly, 0, Number.POSITIVE_INFINITY)
  const spring = meanAuc(data.weekly, Date.UTC(2013, 2, 1), Date.UTC(2013, 8, 1))
  return `${[
    '',
    `The loop, ${data.from} to ${data.to}`,
    '',
    `${'topic'.padEnd(20)}${'raw'.padStart(11)}${'validated'.padStart(11)}${'dead'.padStart(11)}`,
    ...data.topics.map(
      (topic) => `${topic.name.padEnd(20)}${count(topic.raw)}${count(topic.validated)}${count(topic.deadLetters)}`,
    ),
    '',
    'dead letters by reason',
    ...data.deadLetters.map(({ topic, reason, count: n }) => `${count(n)}  ${topic}: ${reason}`),
    '',
    `snapshots ${result.snapshots}; audits ${result.slaAudits.passed} passed, ${result.slaAudits.held} held`,
    `runs ${data.runs.length}: ${runs}; ${result.promotions} promotions; ${data.signals.length} signals`,
    `predictions ${result.predictions.toLocaleString('en-US')}; logged features equal to offline: ${data.skew.compared - data.skew.unequal} of ${data.skew.compared}`,
    aucLine('mean weekly AUC, all weeks', mean),
    aucLine('            March to August', spring),
    '',
    `report ${result.report}`,
    `${result.wallSeconds} s, peak ${result.rssPeakMiB} MiB`,
    '',
    ...(examplePrediction === null
      ? []
      : [
          'why was a flight given its score?',
          `  npm run -s covenant -- -p examples/flights -s ${dirname(result.report)} why ${examplePrediction}`,
          '',
        ]),
  ].join('\n')}`
}

function aucLine(label: string, { weeks, loop, control, frozen }: ReturnType<typeof meanAuc>): string {
  if (weeks === 0) return `${label}: no week with all three models`
  const gain = loop - frozen
  return `${label}: loop ${loop.toFixed(3)}, control ${control.toFixed(3)}, frozen ${frozen.toFixed(3)} (${gain >= 0 ? '+' : ''}${gain.toFixed(3)})`
}
