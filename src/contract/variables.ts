import { CovenantError, isJsonObject, type Json, type JsonObject } from '../kernel/index.ts'
import type { Contract, Server } from './define.ts'
import { formatPath, type Path } from './problem.ts'
import { readYaml } from './read/yaml.ts'

/** A reference to a variable (RFC 0050 of ODCS): `${NAME}`, or with the text to use where it is unset, `${NAME:-text}`. */
export const REFERENCE = /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g

const WHOLE = new RegExp(`^${REFERENCE.source}$`)

/** @example isReference('${DB_PORT:-5432}') // true */
export function isReference(text: string): boolean {
  return WHOLE.test(text)
}

/** Where variables get their values: the environment of the process, or any other mapping. An empty text is unset. */
export type Variables = Readonly<Record<string, string | undefined>>

/**
 * The servers of a contract with their variables resolved: what a connection is made from. The contract itself keeps the
 * references, and so do its hash and the registry: a secret never enters them.
 *
 * @throws CovenantError `CONTRACT_VARIABLE_UNDEFINED` with line and column of every reference without a value.
 * @example const [server] = resolveServers(contract, process.env)
 */
export function resolveServers(contract: Contract, variables: Variables): readonly Server[] {
  const missing: { readonly name: string; readonly path: Path }[] = []
  const servers = contract.servers.map((server, index) => {
    const entry = resolve(server.entry, ['servers', index], variables, missing) as JsonObject
    const text = (key: string) => (typeof entry[key] === 'string' ? entry[key] : null)
    return { name: text('server') ?? '', type: text('type') ?? '', environment: text('environment'), entry }
  })
  if (missing.length > 0) throw undefinedVariables(contract, missing)
  return servers
}

/** The server of that name, resolved; the variables of others need no value. `undefined` where there is none. */
export function resolveServer(contract: Contract, name: string, variables: Variables): Server | undefined {
  const index = contract.servers.findIndex((server) => server.name === name)
  if (index < 0) return undefined
  const only = contract.servers.map((server, at) => (at === index ? server : { ...server, entry: {} }))
  return resolveServers({ ...contract, servers: only }, variables)[index]
}

function resolve(
  value: Json,
  path: Path,
  variables: Variables,
  missing: { readonly name: string; readonly path: Path }[],
): Json {
  if (Array.isArray(value))
    return (value as readonly Json[]).map((item, index) => resolve(item, [...path, index], variables, missing))
  if (isJsonObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, resolve(inner, [...path, key], variables, missing)]),
    )
  if (typeof value !== 'string') return value
  return value.replace(REFERENCE, (_reference, name: string, fallback: string | undefined) => {
    const found = Object.hasOwn(variables, name) ? variables[name] : undefined
    if (found !== undefined && found !== '') return found
    if (fallback === undefined) missing.push({ name, path })
    return fallback ?? ''
  })
}

function undefinedVariables(
  contract: Contract,
  missing: readonly { readonly name: string; readonly path: Path }[],
): CovenantError {
  const yaml = readYaml(contract.source)
  const places = missing.map(({ name, path }) => {
    const { line, column } = yaml.locate(path)
    return `${line}:${column} ${formatPath(path)} needs the variable ${name}`
  })
  const names = [...new Set(missing.map(({ name }) => name))]
  return new CovenantError({
    code: 'CONTRACT_VARIABLE_UNDEFINED',
    message: `${names.length === 1 ? `The variable ${names[0]} is` : `The variables ${names.join(', ')} are`} not set:\n${places.map((place) => `  ${place}`).join('\n')}`,
    where: `contract ${contract.id} ${contract.version}`,
    remedy: `Set ${names.join(', ')} in the environment, or give a default: \${${names[0]}:-…}.`,
  })
}
