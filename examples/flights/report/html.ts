import { aucChart, auditChart, deadLetterChart, driftChart, runChart } from './charts.ts'
import { meanAuc, type ReportData } from './data.ts'

/** One HTML file without any reference to the outside: figures, plots as SVG, tables. */
export async function reportHtml(data: ReportData): Promise<string> {
  const [auc, deadLetters, drift, runs, audits] = await Promise.all([
    aucChart(data),
    deadLetterChart(data),
    driftChart(data),
    runChart(data),
    auditChart(data),
  ])
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Covenant: the loop over ${escapeHtml(data.from)} to ${escapeHtml(data.to)}</title><style>${STYLE}</style></head><body><main>
<h1>The loop, ${escapeHtml(data.from)} to ${escapeHtml(data.to)}</h1>
<p class="lead">${escapeHtml(lead(data))}</p>
${tiles(data)}
${section('The loop beside a model frozen after its first training', `${auc}${verdict(data)}`)}
${section('Runs and gates', `${runs}${runTable(data)}`)}
${section('Signals: what asked for a training, and what became of it', signalTable(data))}
${section('Dead letters by reason', `<p>Nothing was cleaned beforehand: these are faults of the data itself. Each dead letter keeps its original bytes, all its violations and its source offset.</p>${deadLetters}`)}
${section('SLA audits: published or held', `${audits}${heldTable(data)}`)}
${section('Drift of features and score, week by week', `<p>Population stability index against the training set of the model that served; below 0.1 is calm, above 0.25 is a shift. Drift is monitored; it is no part of a contract.</p>${drift}`)}
${section('Contract changes', changeTable(data))}
${section('Topics', topicTable(data))}
</main></body></html>
`
}

function lead(data: ReportData): string {
  return (
    `${number(total(data))} raw records were validated against their contracts, the conforming ones went to the lake ` +
    `(${data.snapshots} snapshots) and, once audited, to the warehouse and the feature store; models were trained behind gates, ` +
    `and ${number(data.predictions)} flights were scored before they left. It took ${number(Math.round(data.wallSeconds))} s in one process.`
  )
}

function tiles(data: ReportData): string {
  const outcomes = count(data.runs.map(({ outcome }) => outcome))
  const items: [string, string][] = [
    ['dead letters', number(data.topics.reduce((sum, topic) => sum + topic.deadLetters, 0))],
    ['runs', `${data.runs.length} (${[...outcomes].map(([name, n]) => `${n} ${name}`).join(', ')})`],
    ['promotions', String(data.promotions.length)],
    ['audits held', `${data.audits.filter(({ outcome }) => outcome === 'held').length} of ${data.audits.length}`],
    [
      'serving equals offline',
      `${number(data.skew.compared - data.skew.unequal)} of ${number(data.skew.compared)} values`,
    ],
    ['peak memory', `${number(data.rssPeakMiB)} MiB`],
  ]
  return `<dl class="tiles">${items.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>`
}

/** States what the loop gained, and how much of it the equal-size control shares. */
function verdict(data: ReportData): string {
  const spring = meanAuc(data.weekly, Date.UTC(2013, 2, 1), Date.UTC(2013, 8, 1))
  const all = meanAuc(data.weekly, 0, Number.POSITIVE_INFINITY)
  const rows = [
    ['March to August', spring],
    ['all weeks with three models', all],
  ] as const
  const body = rows
    .filter(([, mean]) => mean.weeks > 0)
    .map(
      ([span, mean]) =>
        `<tr><td>${span}</td><td>${mean.weeks}</td><td>${fixed(mean.loop)}</td><td>${fixed(mean.control)}</td><td>${fixed(mean.frozen)}</td>` +
        `<td>${signed(mean.loop - mean.frozen)}</td><td>${signed(mean.control - mean.frozen)}</td><td>${signed(mean.loop - mean.control)}</td></tr>`,
    )
    .join('')
  return (
    `<table><thead><tr><th>mean AUC</th><th>weeks</th><th>loop</th><th>control</th><th>frozen</th><th>loop − frozen</th>` +
    `<th>of it fresher data</th><th>of it more data</th></tr></thead><tbody>${body}</tbody></table>` +
    `<p class="note">Part of the gain is more data, part is fresher data. The control is retrained whenever the loop is, on the newest rows, ` +
    `as many as the frozen model had: what it gains over the frozen model comes from fresher data alone; the rest comes from more data.</p>`
  )
}

function runTable(data: ReportData): string {
  return table(
    ['when', 'run', 'trigger', 'outcome', 'reason'],
    data.runs.map((run) => [day(run.at), run.id, run.trigger, run.outcome, run.reason ?? '']),
  )
}

function signalTable(data: ReportData): string {
  return table(
    ['when', 'kind', 'outcome', 'reason'],
    data.signals.map((signal) => [day(signal.at), signal.kind, signal.outcome, signal.reason]),
  )
}

function heldTable(data: ReportData): string {
  const held = data.audits.filter(({ outcome }) => outcome === 'held')
  const audits = table(
    ['held on', 'contract', 'failed checks'],
    held.map((audit) => [day(audit.at), audit.topic, audit.failed.join('; ')]),
  )
  const alerts = table(
    ['raised', 'resolved', 'subject', 'alert'],
    data.alerts.map((alert) => [
      day(alert.raisedAt),
      alert.resolvedAt ? day(alert.resolvedAt) : 'open',
      alert.subject,
      alert.message,
    ]),
  )
  return `${audits}<h3>Alerts</h3>${alerts}`
}

function changeTable(data: ReportData): string {
  return table(
    ['when', 'topic', 'version', 'outcome', 'why'],
    data.changes.map((change) => [day(change.at), change.topic, change.version, change.outcome, change.message]),
  )
}

function topicTable(data: ReportData): string {
  return table(
    ['topic', 'raw', 'validated', 'dead letters'],
    data.topics.map((topic) => [topic.name, number(topic.raw), number(topic.validated), number(topic.deadLetters)]),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '<p class="note">None.</p>'
  const cells = (tag: string, row: readonly string[]) =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')
  return `<div class="scroll"><table><thead><tr>${cells('th', head)}</tr></thead><tbody>${rows
    .map((row) => `<tr>${cells('td', row)}</tr>`)
    .join('')}</tbody></table></div>`
}

function section(title: string, body: string): string {
  return `<section><h2>${title}</h2>${body}</section>`
}

function total(data: ReportData): number {
  return data.topics.reduce((sum, topic) => sum + topic.raw, 0)
}

function count(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

const number = (value: number): string => value.toLocaleString('en-US')
const fixed = (value: number): string => value.toFixed(3)
const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(3)}`
const day = (time: number): string => new Date(time).toISOString().slice(0, 16).replace('T', ' ')

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

const STYLE = `
:root{color-scheme:light}
body{margin:0;background:#f6f7f9;color:#1c2733;font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:28px;margin:0 0 8px}h2{font-size:19px;margin:0 0 12px}h3{font-size:15px;margin:16px 0 8px}
.lead{font-size:17px;max-width:76ch;margin:0 0 20px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:12px;margin:0 0 24px}
.tiles div{background:#fff;border:1px solid #e4e8ec;border-radius:8px;padding:12px 14px}
.tiles dt{color:#66717c;font-size:13px}.tiles dd{margin:2px 0 0;font-size:17px;font-weight:600}
section{background:#fff;border:1px solid #e4e8ec;border-radius:8px;padding:20px 22px;margin:0 0 20px;overflow-x:auto}
svg{max-width:100%;height:auto;display:block;margin:0 0 12px}
table{border-collapse:collapse;font-size:13px;width:100%}
th:first-child,td:first-child{white-space:nowrap}
th,td{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid #edf0f2;vertical-align:top}
th{color:#66717c;font-weight:600;position:sticky;top:0;background:#fff}
.scroll{max-height:420px;overflow:auto}
.note{color:#4a5560;max-width:80ch}
`
