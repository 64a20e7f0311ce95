import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts'
import type { Path, Report } from '../problem.ts'
import { isReference, REFERENCE } from '../variables.ts'
import { PLACEHOLDERS } from './placeholders.ts'

/** The parts of a document that say what a contract checks and promises. */
const MEANING: readonly string[] = ['id', 'name', 'version', 'status', 'schema', 'slaProperties', 'slaDefaultElement']

/** In those parts, words about the data, with which nothing computes: a reference may stand there, and stays as it is. */
const WORDS: readonly string[] = [
  'description',
  'businessName',
  'context',
  'dataGranularityDescription',
  'synonyms',
  'tags',
  'examples',
  'transformLogic',
  'transformDescription',
  'businessImpact',
  'authoritativeDefinitions',
  'customProperties',
]

/**
 * Checks the references to variables (`${NAME}`, `${NAME:-default}`). In `servers` they are resolved when a server is
 * used, so they must be well formed. A contract means the same wherever it is read, so nothing that it checks or promises
 * may depend on a variable.
 */
export function checkVariables(document: JsonObject, report: Report): void {
  for (const [key, value] of Object.entries(document))
    if (key === 'servers') walk(value, [key], (text, path) => checkForm(text, path, report))
    else if (MEANING.includes(key)) walk(value, [key], (text, path) => refuse(text, path, report))
}

function walk(value: Json, path: Path, check: (text: string, path: Path) => void): void {
  if (typeof value === 'string') check(value, path)
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) walk(item as Json, [...path, index], check)
  else if (isJsonObject(value))
    for (const [key, inner] of Object.entries(value)) if (!WORDS.includes(key)) walk(inner, [...path, key], check)
}

function checkForm(text: string, path: Path, report: Report): void {
  for (const [start] of text.matchAll(/\$\{[^}]*\}?/g))
    if (!isReference(start)) {
      const name = /[A-Za-z_]\w*/.exec(start)?.[0] ?? 'NAME'
      const rest = start.slice(start.indexOf(name) + name.length)
      const meant =
        rest.startsWith(':') || rest.startsWith('-') ? `\${${name}:-${rest.replace(/^[:-]+|\}$/g, '')}}` : null
      report.error(
        path,
        'CONTRACT_VARIABLE_INVALID',
        `"${start}" is no reference to a variable: write \${NAME}, or \${NAME:-default}.`,
        meant,
      )
    }
}

function refuse(text: string, path: Path, report: Report): void {
  const asks = path.at(-1) === 'query'
  const found = [...text.matchAll(REFERENCE)].find(([, name]) => !(asks && PLACEHOLDERS.has(name!)))?.[0]
  if (found === undefined) return
  report.error(
    path,
    'CONTRACT_UNSUPPORTED',
    `A contract means the same everywhere: the variable ${found} may stand in "servers" and in descriptions only.`,
  )
}
