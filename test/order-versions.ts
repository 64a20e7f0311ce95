/** One contract through five versions, as its owners would have approved them: two minors, two majors with migrations. */
import { type Contract, readContract } from '../src/contract/index.ts'
import type { NewRecord } from '../src/topic/index.ts'

export const orderTopic = 'orders'

const CENTS = [
  '- {name: id, logicalType: string, required: true, primaryKey: true}',
  '- {name: cents, logicalType: integer, required: true, logicalTypeOptions: {minimum: 0}}',
]
const AMOUNT = [CENTS[0]!, '- {name: amount, logicalType: number, required: true, logicalTypeOptions: {minimum: 0.1}}']
const PRICE = [
  '- {name: order, logicalType: string, required: true, primaryKey: true}',
  '- {name: price, logicalType: object, required: true, properties: [{name: amount, logicalType: number, required: true}]}',
]
const NOTE = '- {name: note, logicalType: string}'

/** Oldest first. */
export const orderVersions: readonly Contract[] = [
  orders('1.0.0', CENTS, [], []),
  orders('1.1.0', [...CENTS, NOTE], [rule('shadow', 'this.cents < 900')], []),
  orders('1.2.0', [...CENTS, NOTE], [rule('warn', 'this.cents < 900')], []),
  orders('2.0.0', AMOUNT, [rule('enforce', 'this.amount < 9.5')], [[1, '{"id": id, "amount": cents / 100}']]),
  orders('3.0.0', PRICE, [], [[2, '{"order": "o-" & id, "price": {"amount": amount, "of": $string(amount)}}']]),
]

/** The n-th record: of any version, right or wrong, named or not, and now and then of a version that does not exist. */
export function orderRecord(n: number): NewRecord {
  const mixed = Math.imul(n + 1, 2_654_435_761) >>> 0
  const cents = (mixed >>> 12) % 1_000
  const id = `${n % 13}`
  const value = [
    { id, cents },
    { id, cents: cents - 100, note: n % 2 === 0 ? 'quick' : 7 },
    { id, amount: cents / 100 },
    { order: id, price: { amount: cents } },
  ][mixed % 4]!
  const named = ['1.0.0', '1.1.0', '1.2.0', '2.0.0', '3.0.0', '9.0.0', undefined, undefined, undefined, undefined]
  const version = named[(mixed >>> 8) % named.length]
  return {
    key: Buffer.from(id),
    value: Buffer.from(JSON.stringify(value)),
    headers: version === undefined ? {} : { 'cov.version': version },
    timestamp: n,
  }
}

function rule(stage: string, expression: string): string {
  return `- {id: small, type: custom, engine: cel, implementation: '${expression}', customProperties: [{property: covenant.stage, value: ${stage}}]}`
}

function orders(
  version: string,
  properties: readonly string[],
  rules: readonly string[],
  migrations: readonly (readonly [fromMajor: number, expression: string])[],
): Contract {
  const own = migrations.map(([fromMajor, expression]) => `{fromMajor: ${fromMajor}, expression: '${expression}'}`)
  const text = `
apiVersion: v3.2.0
kind: DataContract
id: orders
version: ${version}
status: active
${own.length === 0 ? '' : `customProperties: [{property: covenant.migrations, value: [${own.join(', ')}]}]`}
schema:
  - name: orders
    physicalName: ${orderTopic}
${rules.length === 0 ? '' : `    quality:\n${rules.map((one) => `      ${one}`).join('\n')}`}
    properties:
${properties.map((one) => `      ${one}`).join('\n')}
`
  return readContract(text, `orders-${version}.odcs.yaml`)
}
