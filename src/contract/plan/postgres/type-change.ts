import type { MigrationEffect } from './define.ts'

/** How the values of a column are brought to another type. */
export interface TypeChange {
  /** SQL of the new value. */
  readonly using: string
  readonly effect: MigrationEffect
  readonly why: (name: string) => string
}

const rewritten = (name: string) => `Rewrite ${name} in its new type, which holds every value that it had.`
const parsed = (name: string) => `Read ${name} as its new type; fails, and changes nothing, where a value is none.`
const lost = (name: string) => `The values of ${name} cannot be brought to its new type, and are lost.`

/** `null` where the types are equal. `column` is the quoted name. */
export function changeType(from: string, to: string, column: string): TypeChange | null {
  if (from === to) return null
  const widened =
    WIDENED[`${from} > ${to}`] ?? FOREIGN.find(([source, target]) => source.test(from) && target === to)?.[2]
  if (widened !== undefined) return { using: widened(column), effect: 'locking', why: rewritten }
  if (to === 'jsonb') return { using: `to_jsonb(${column})`, effect: 'locking', why: rewritten }
  // Back to a type that contracts do not have: PostgreSQL refuses values that it cannot hold.
  if (!OWN.includes(to)) return { using: column, effect: 'locking', why: parsed }
  if (from === 'text') return { using: `${column}::${to}`, effect: 'locking', why: parsed }
  if (from === 'numeric' && to === 'bigint')
    return { using: `trim_scale(${column})::text::bigint`, effect: 'locking', why: parsed }
  return { using: `NULL::${to}`, effect: 'destructive', why: lost }
}

/** Timestamps are written as contracts write them: in UTC, without trailing zeros. */
const WIDENED: Readonly<Record<string, (column: string) => string>> = {
  'bigint > numeric': (column) => `${column}::numeric`,
  'bigint > text': (column) => `${column}::text`,
  'numeric > text': (column) => `${column}::text`,
  'boolean > text': (column) => `${column}::text`,
  'date > text': (column) => `to_char(${column}, 'YYYY-MM-DD')`,
  'time without time zone > text': (column) => `${column}::text`,
  'date > timestamp with time zone': (column) => `(${column}::timestamp AT TIME ZONE 'UTC')`,
  'timestamp with time zone > text': (column) =>
    `(to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || rtrim(rtrim(to_char(${column} AT TIME ZONE 'UTC', '.US'), '0'), '.') || 'Z')`,
}

/** The types of the columns of contracts. */
const OWN: readonly string[] = [
  ...['text', 'bigint', 'numeric', 'boolean', 'date', 'jsonb'],
  ...['time without time zone', 'timestamp with time zone'],
]

/** From types of tables that Covenant did not make; timestamps without zone are read as UTC, as everywhere. */
const FOREIGN: readonly (readonly [source: RegExp, target: string, using: (column: string) => string])[] = [
  [/^(?:character|uuid$|citext$)/, 'text', (column) => `${column}::text`],
  [/^(?:smallint|integer)$/, 'bigint', (column) => column],
  [/^(?:smallint|integer|numeric\(.*\))$/, 'numeric', (column) => `${column}::numeric`],
  // Through text, because PostgreSQL rounds doubles to 15 digits on their way to numeric.
  [/^(?:double precision|real)$/, 'numeric', (column) => `${column}::text::numeric`],
  [/^timestamp(?:\(\d\))? without time zone$/, 'timestamp with time zone', (column) => `${column} AT TIME ZONE 'UTC'`],
  [/^timestamp\(\d\) with time zone$/, 'timestamp with time zone', (column) => column],
  [/^time\(\d\) without time zone$/, 'time without time zone', (column) => column],
  [/^json$/, 'jsonb', (column) => `${column}::jsonb`],
]
