import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { ReportData } from './data.ts'

const INK = '#1c2733'
const COLOURS = { loop: '#0b6e4f', control: '#c9891a', frozen: '#9b2d3a', passed: '#9fcfbd', held: '#9b2d3a' }
const OUTCOMES = ['succeeded', 'rejected', 'aborted', 'failed']
const OUTCOME_COLOURS = ['#0b6e4f', '#c9891a', '#6a4c93', '#9b2d3a']

const CONFIG = {
  font: 'system-ui, sans-serif',
  background: 'transparent',
  axis: {
    labelColor: INK,
    titleColor: INK,
    gridColor: '#e4e8ec',
    domainColor: '#b8c1ca',
    tickColor: '#b8c1ca',
    labelFontSize: 11,
  },
  legend: { labelColor: INK, titleColor: INK, orient: 'top' as const, title: null, labelFontSize: 12, labelLimit: 400 },
  view: { stroke: null },
}

/** Renders a Vega-Lite chart to an SVG element that needs no script. */
async function svg(spec: object): Promise<string> {
  const full = { $schema: 'https://vega.github.io/schema/vega-lite/v6.json', config: CONFIG, ...spec } as TopLevelSpec
  const view = new View(parse(compile(full).spec), { renderer: 'none' })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}

const WEEK_AXIS = { field: 'week', type: 'temporal', title: null, axis: { format: '%b', tickCount: 'month' } }

/** Weekly AUC of the loop beside the frozen model and the control, with a mark where a model was promoted. */
export function aucChart({ weekly, promotions }: ReportData): Promise<string> {
  const lines = weekly.flatMap(({ week, aucLoop, aucFrozen, aucControl }) => [
    { week, model: 'loop', auc: aucLoop },
    { week, model: 'frozen after the first training', auc: aucFrozen },
    ...(aucControl === null ? [] : [{ week, model: 'control: equal-size recent window', auc: aucControl }]),
  ])
  return svg({
    width: 860,
    height: 280,
    layer: [
      {
        data: { values: promotions.map(({ at, version }) => ({ week: at, version: `v${version}` })) },
        layer: [
          { mark: { type: 'rule', color: '#b8c1ca', strokeDash: [3, 3] }, encoding: { x: WEEK_AXIS } },
          {
            mark: { type: 'text', align: 'left', dx: 3, dy: 0, fontSize: 10, color: '#66717c', baseline: 'top' },
            encoding: { x: WEEK_AXIS, y: { value: 0 }, text: { field: 'version' } },
          },
        ],
      },
      {
        data: { values: lines },
        mark: { type: 'line', point: { size: 18 }, strokeWidth: 2 },
        encoding: {
          x: WEEK_AXIS,
          y: { field: 'auc', type: 'quantitative', title: 'AUC of the week', scale: { zero: false } },
          color: {
            field: 'model',
            type: 'nominal',
            scale: {
              domain: ['loop', 'control: equal-size recent window', 'frozen after the first training'],
              range: [COLOURS.loop, COLOURS.control, COLOURS.frozen],
            },
          },
        },
      },
    ],
  })
}

/** Dead letters by topic and reason, on a logarithmic axis because one reason outnumbers the rest. */
export function deadLetterChart({ deadLetters }: ReportData): Promise<string> {
  const values = deadLetters.map(({ topic, reason, count }) => ({ label: `${topic}: ${reason}`, count }))
  const y = {
    field: 'label',
    type: 'nominal',
    sort: { field: 'count', order: 'descending' },
    title: null,
    axis: { labelLimit: 460 },
  }
  return svg({
    width: 420,
    height: { step: 24 },
    data: { values },
    layer: [
      {
        mark: { type: 'bar', color: COLOURS.frozen, cornerRadiusEnd: 2 },
        encoding: { y, x: { field: 'count', type: 'quantitative', title: 'records', scale: { type: 'symlog' } } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 4, color: INK },
        encoding: { y, x: { field: 'count', type: 'quantitative' }, text: { field: 'count', format: ',' } },
      },
    ],
  })
}

/** Weekly drift of each feature and of the score against the training set of the model that served. */
export function driftChart({ drift }: ReportData): Promise<string> {
  return svg({
    width: 700,
    height: { step: 17 },
    data: { values: drift },
    mark: { type: 'rect' },
    encoding: {
      x: { ...WEEK_AXIS, timeUnit: 'yearmonthdate' },
      x2: { field: 'weekEnd' },
      y: { field: 'feature', type: 'nominal', title: null, axis: { labelLimit: 260, labelFontSize: 10 } },
      color: {
        field: 'psi',
        type: 'quantitative',
        title: null,
        scale: { scheme: 'orangered', domain: [0, 1], clamp: true },
        legend: { title: null, orient: 'top' },
      },
    },
    transform: [{ calculate: 'datum.week + 7 * 24 * 3600 * 1000', as: 'weekEnd' }],
  })
}

/** Runs on a time line by the trigger that asked for them; the shape and colour tell how the gates decided. */
export function runChart({ runs }: ReportData): Promise<string> {
  return svg({
    width: 780,
    height: { step: 34 },
    data: { values: runs },
    mark: { type: 'point', filled: true, size: 130, opacity: 0.9 },
    encoding: {
      x: { field: 'at', type: 'temporal', title: null, axis: { format: '%b', tickCount: 'month' } },
      y: { field: 'trigger', type: 'nominal', title: 'trigger', sort: ['ad-hoc', 'cron', 'metric', 'data'] },
      color: { field: 'outcome', type: 'nominal', scale: { domain: OUTCOMES, range: OUTCOME_COLOURS } },
      shape: {
        field: 'outcome',
        type: 'nominal',
        scale: { domain: OUTCOMES, range: ['circle', 'diamond', 'square', 'cross'] },
      },
    },
  })
}

/** Daily SLA audits of each contract: published or held. */
export function auditChart({ audits }: ReportData): Promise<string> {
  return svg({
    width: 780,
    height: { step: 22 },
    data: { values: audits.map(({ at, topic, outcome }) => ({ at, topic, outcome })) },
    mark: { type: 'tick', thickness: 2, bandSize: 16 },
    encoding: {
      x: { field: 'at', type: 'temporal', title: null, axis: { format: '%b', tickCount: 'month' } },
      y: { field: 'topic', type: 'nominal', title: null },
      color: {
        field: 'outcome',
        type: 'nominal',
        scale: { domain: ['passed', 'held'], range: [COLOURS.passed, COLOURS.held] },
      },
    },
  })
}
