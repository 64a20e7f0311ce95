/**
 * The validator, bytes in and verdict out, beside `JSON.parse` of the same events and beside ajv. Measured in turns, so
 * that what disturbs one disturbs all; the middle of many rounds counts.
 */
import { Ajv } from 'ajv'
import { MOMENT_PATTERNS } from '../src/contract/index.ts'
import { stopwatchMs } from '../src/kernel/index.ts'
import { compileValidator } from '../src/validation/index.ts'
import { flightEvents, flightPlan, median } from './events/flight-events.ts'

const EVENTS = 5_000
const ROUNDS = 41
const GOAL = 0.85

const texts = flightEvents(EVENTS)
const inOrder = texts.map((text) => Buffer.from(text))
const shuffled = texts.map((text, i) => Buffer.from(turned(text, i)))
const learning = compileValidator(flightPlan)
const parsing = compileValidator(flightPlan)
const ajv = compileAjv()

const contestants: Readonly<Record<string, () => number>> = {
  parseText: () => count(texts, (text) => JSON.parse(text) !== null),
  parseBytes: () => count(inOrder, (bytes) => JSON.parse(bytes.toString()) !== null),
  validate: () => count(inOrder, (bytes) => learning.validate(bytes).valid),
  validateUnordered: () => count(shuffled, (bytes) => parsing.validate(bytes).valid),
  ajv: () => count(inOrder, (bytes) => ajv(JSON.parse(bytes.toString())) === true),
}

const rounds: Record<string, number[]> = {}
for (let round = 0; round < ROUNDS; round++)
  for (const [name, run] of Object.entries(contestants)) {
    const startedAt = stopwatchMs()
    if (run() !== EVENTS) throw new Error(`${name} does not accept every event`)
    const taken = rounds[name] ?? []
    rounds[name] = taken
    taken.push((EVENTS / (stopwatchMs() - startedAt)) * 1_000)
  }

report('validator, bytes to verdict', 'validate', 'JSON.parse of text', 'parseText', GOAL)
report('validator, bytes to verdict', 'validate', 'JSON.parse of the same bytes', 'parseBytes')
report('validator, members in changing order', 'validateUnordered', 'JSON.parse of the same bytes', 'parseBytes')
report('validator, bytes to verdict', 'validate', 'ajv with JSON.parse of the same bytes', 'ajv')

/** The ratio is taken within each round. */
function report(name: string, own: string, peer: string, other: string, goal?: number): void {
  const ratio = median(rounds[own]!.map((value, i) => value / rounds[other]![i]!))
  const line = {
    name,
    value: Math.round(median(rounds[own]!)),
    unit: 'events/s',
    peer,
    peerValue: Math.round(median(rounds[other]!)),
    ratio: Number(ratio.toFixed(2)),
    ...(goal === undefined ? {} : { goal, met: ratio >= goal }),
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

function count<T>(items: readonly T[], test: (item: T) => boolean): number {
  let passed = 0
  for (const item of items) if (test(item)) passed++
  return passed
}

/** The same event with its members turned by `by` places. */
function turned(text: string, by: number): string {
  const members = Object.entries(JSON.parse(text) as object)
  const cut = by % members.length
  return JSON.stringify(Object.fromEntries([...members.slice(cut), ...members.slice(0, cut)]))
}

function compileAjv() {
  const properties = flightPlan.fields.map(({ name, type, required, rules }) => {
    const schema = type === 'timestamp' ? { type: 'string', pattern: MOMENT_PATTERNS.timestamp } : { type, ...rules }
    return [name, required ? schema : { ...schema, type: [schema.type, 'null'] }]
  })
  const required = flightPlan.fields.filter((field) => field.required).map(({ name }) => name)
  return new Ajv({ strict: false }).compile({ type: 'object', required, properties: Object.fromEntries(properties) })
}
