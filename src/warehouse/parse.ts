import { CovenantError, contentHash } from '../kernel/index.ts'
import type { Materialization, Model } from './define.ts'

const MATERIALIZATIONS: readonly Materialization[] = ['table', 'view', 'incremental']
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** A comment, a quoted text or name, or a call of one of the three input functions with one quoted argument. */
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\b(source|increment|ref)\s*\(\s*(?:'((?:[^']|'')*)'\s*\)|[^)]*\)?)/g

export type InputFunction = 'source' | 'increment' | 'ref'

/**
 * Reads a model: header comments (`-- materialized: table`, `-- description: …`), then one `SELECT`.
 *
 * Throws `WAREHOUSE_MODEL_INVALID`.
 *
 * @example parseModel('late', "-- materialized: view\nSELECT * FROM source('flights.arrived') WHERE arr_delay > 15")
 */
export function parseModel(name: string, text: string): Model {
  if (!NAME.test(name))
    throw invalid(name, `its name is not one that SQL takes unquoted`, 'Rename its file to letters, digits and _.')
  const header = headerOf(text)
  const materialization = (header.get('materialized') ?? 'table') as Materialization
  if (!MATERIALIZATIONS.includes(materialization))
    throw invalid(name, `it is materialized as "${materialization}"`, `Write one of ${MATERIALIZATIONS.join(', ')}.`)
  const inputs: Record<InputFunction, Set<string>> = { source: new Set(), increment: new Set(), ref: new Set() }
  const sql = text.trim().replace(/;\s*$/, '')
  replaceInputs(name, sql, (kind, argument) => {
    inputs[kind].add(argument)
    return ''
  })
  if (!/\b(select|from|with)\b/i.test(sql.replaceAll(TOKEN, '')))
    throw invalid(name, 'it holds no SELECT', 'Write one SELECT statement.')
  if (inputs.increment.size > 0 && materialization !== 'incremental')
    throw invalid(
      name,
      'it reads increment() but is no incremental model',
      'Add `-- materialized: incremental`, or read source().',
    )
  if (inputs.increment.size === 0 && materialization === 'incremental')
    throw invalid(name, 'it is incremental but reads no increment()', 'Read at least one topic through increment().')
  return Object.freeze({
    kind: 'model',
    name,
    materialization,
    description: header.get('description') ?? null,
    sql,
    sources: [...inputs.source].sort(),
    increments: [...inputs.increment].sort(),
    refs: [...inputs.ref].sort(),
    hash: contentHash({ name, materialization, sql }),
  })
}

/** The model's SQL with each input replaced by what `relation` gives for it; comments and quoted text stay as they are. */
export function replaceInputs(
  model: string,
  sql: string,
  relation: (kind: InputFunction, argument: string) => string,
): string {
  return sql.replaceAll(TOKEN, (token: string, kind: InputFunction | undefined, argument: string | undefined) => {
    if (kind === undefined) return token
    if (argument === undefined || argument === '')
      throw invalid(model, `${token.slice(0, 40)} has no name in single quotes`, `Write ${kind}('name').`)
    return relation(kind, argument.replaceAll("''", "'"))
  })
}

/** `-- key: value` lines before the first statement. */
function headerOf(text: string): ReadonlyMap<string, string> {
  const header = new Map<string, string>()
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const [, comment] = /^\s*--(.*)$/.exec(line) ?? []
    if (comment === undefined) break
    const [, key, value] = /^\s*([a-z]+):\s*(.+?)\s*$/.exec(comment) ?? []
    if (key !== undefined && value !== undefined && !header.has(key)) header.set(key, value)
  }
  return header
}

function invalid(model: string, what: string, remedy: string): CovenantError {
  return new CovenantError({
    code: 'WAREHOUSE_MODEL_INVALID',
    message: `The model ${model} cannot be used: ${what}.`,
    where: `models/${model}.sql`,
    remedy,
  })
}
