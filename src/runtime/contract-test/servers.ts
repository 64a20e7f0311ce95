import { type Contract, resolveServer, type Server } from '../../contract/index.ts'
import { CovenantError, type Json, quoteText } from '../../kernel/index.ts'
import { type DataFormat, dataSource, FORMATS, postgresSource } from './files.ts'
import type { TestSource } from './source.ts'
import { topicSource } from './topics.ts'

/**
 * The data behind one of the contract's `servers`, by its type: `local` and `s3` (`path`, `location`), `duckdb`
 * (`database`, `schema`), `postgres` (`host`, `port`, `database`, `schema`; user and password are those of the
 * environment, as for psql) and `kafka`, which is the raw topic of the state folder. `${VAR}` stands for a variable of
 * the environment.
 *
 * @throws TEST_SERVER_UNKNOWN, and CONTRACT_VARIABLE_UNDEFINED for a variable without value
 */
export function serverSource(contract: Contract, name: string, table: string, stateDir: string): TestSource {
  const server = resolveServer(contract, name, process.env)
  if (!server) {
    const known = contract.servers.map((found) => found.name).join(', ') || 'none'
    throw refused(contract, `The contract has no server ${name}.`, `Its servers: ${known}.`)
  }
  const text = (key: string) => asText(server.entry[key])
  const need = (key: string) => text(key) ?? missing(contract, server, key)
  switch (server.type) {
    case 'local':
      return dataSource(need('path'), formatOf(text('format')), table)
    case 's3':
      return s3Source(need('location'), formatOf(text('format')), table, text('endpointUrl'))
    case 'duckdb':
      return dataSource(need('database'), 'duckdb', qualified(text('schema'), table))
    case 'postgres':
    case 'postgresql': {
      const parts = { host: need('host'), port: text('port'), dbname: need('database') }
      return postgresSource(connection(parts), qualified(text('schema'), table))
    }
    case 'kafka':
      return topicSource(stateDir, contract.topic, 'raw')
    default:
      throw refused(
        contract,
        `The server ${name} is of type ${server.type}, which cannot be tested.`,
        'Test a copy: --data FILE.',
      )
  }
}

function s3Source(
  location: string,
  format: DataFormat | undefined,
  table: string,
  endpoint: string | null,
): TestSource {
  const source = dataSource(location, format, table)
  if (source.kind !== 'columns') return source
  const {
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_REGION: region,
    AWS_SESSION_TOKEN: token,
  } = process.env
  const url = endpoint === null ? null : new URL(endpoint)
  const options = [
    ...(id ? [`KEY_ID ${quoteText(id)}`] : []),
    ...(secret ? [`SECRET ${quoteText(secret)}`] : []),
    ...(region ? [`REGION ${quoteText(region)}`] : []),
    ...(token ? [`SESSION_TOKEN ${quoteText(token)}`] : []),
    ...(url ? [`ENDPOINT ${quoteText(url.host)}`, "URL_STYLE 'path'", `USE_SSL ${url.protocol === 'https:'}`] : []),
  ]
  return { ...source, statements: [`CREATE SECRET (${['TYPE s3', ...options].join(', ')})`, ...source.statements] }
}

function connection(parts: Readonly<Record<string, string | null>>): string {
  return Object.entries(parts)
    .flatMap(([key, value]) => (value === null ? [] : [`${key}='${value.replaceAll(/['\\]/g, '\\$&')}'`]))
    .join(' ')
}

function qualified(schema: string | null, table: string): string {
  return schema === null || table.includes('.') ? table : `${schema}.${table}`
}

function formatOf(text: string | null): DataFormat | undefined {
  return FORMATS.find((format) => format === text)
}

function asText(value: Json | undefined): string | null {
  return value === undefined || value === null || typeof value === 'object' ? null : String(value)
}

function missing(contract: Contract, server: Server, key: string): never {
  throw refused(
    contract,
    `The server ${server.name} has no "${key}".`,
    'Write it into the contract, or test a file: --data FILE.',
  )
}

function refused(contract: Contract, message: string, remedy: string): CovenantError {
  return new CovenantError({ code: 'TEST_SERVER_UNKNOWN', message, where: `contract ${contract.id}`, remedy })
}
