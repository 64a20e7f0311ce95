import { isAbsolute, relative, resolve } from 'node:path'
import type { PostgresConnection } from '../../adapters/postgres/contract-database.ts'
import { type Contract, REFERENCE, resolveServer } from '../../contract/index.ts'
import { CovenantError, type DatabaseTarget, type Json, nameHint, type ProducerTarget } from '../../kernel/index.ts'
import type { Project } from '../project.ts'

/** A folder of generated producers. */
export interface ProducerFolder {
  /** Names it in the ledger: `producers producers/ts`. */
  readonly target: string
  readonly language: ProducerTarget['language']
  /** Relative to the project. */
  readonly directory: string
  readonly contracts: readonly Contract[]
}

/** A schema of a database, and the folder of its migrations. */
export interface DatabaseSchema {
  /** Names it in the ledger, without user and password: `database production public`. */
  readonly target: string
  readonly schema: string
  /** Absolute. */
  readonly migrationsDir: string
  readonly contracts: readonly Contract[]
  /** Resolved when it is connected to: writing migrations needs no database, and none of its variables. */
  connection(): PostgresConnection
}

type PushProject = Pick<Project, 'directory' | 'contracts' | 'config'>

/**
 * The push targets of a project, with the contracts of each.
 *
 * @throws CovenantError `PUSH_TARGET_INVALID` for one that cannot be meant
 */
export function producerFolders(project: PushProject): readonly ProducerFolder[] {
  refuseUnknown(project.config.push, ['producers', 'databases'], 'push')
  return (project.config.push?.producers ?? []).map((target) => {
    refuseUnknown(target, ['language', 'directory', 'contracts'], 'push.producers')
    const { language, directory } = target
    insideProject(project.directory, directory)
    if (language !== 'typescript' && language !== 'python')
      throw invalid(`Producers are written in typescript or python, found "${language}".`, 'Correct "language".')
    return { target: `producers ${directory}`, language, directory, contracts: chosen(project, target.contracts) }
  })
}

export function databaseSchemas(project: PushProject): readonly DatabaseSchema[] {
  refuseUnknown(project.config.push, ['producers', 'databases'], 'push')
  return (project.config.push?.databases ?? []).flatMap((target) => schemasOf(project, target))
}

/** One for each schema: the entries of the contracts may name several. */
function schemasOf(project: PushProject, target: DatabaseTarget): readonly DatabaseSchema[] {
  refuseUnknown(target, ['server', 'url', 'schema', 'migrations', 'contracts'], 'push.databases')
  const { server, url, migrations = 'migrations' } = target
  insideProject(project.directory, migrations)
  const migrationsDir = resolve(project.directory, migrations)
  if ((server === undefined) === (url === undefined))
    throw invalid('A database is named by its "server" or by its "url".', 'Give one of the two.')
  const contracts = chosen(project, target.contracts)
  if (url !== undefined) {
    const schema = target.schema ?? 'public'
    const connection = () => ({ url: resolveVariables(url), schema })
    return [
      {
        target: `database ${url.replace(/\/\/[^@/]*@/, '//')} ${schema}`,
        schema,
        migrationsDir,
        contracts,
        connection,
      },
    ]
  }
  const having = contracts.filter((contract) => contract.servers.some(({ name }) => name === server))
  if (having.length === 0)
    throw invalid(
      `No contract has a server "${server}".${nameHint(
        server!,
        contracts.flatMap(({ servers }) => servers.map(({ name }) => name)),
      )}`,
      'Add it to the "servers" of a contract, or name another one.',
    )
  const schemaOf = (contract: Contract) => target.schema ?? entryText(contract, server!, 'schema') ?? 'public'
  const groups = Map.groupBy(having, (contract) => JSON.stringify([schemaOf(contract), place(contract, server!)]))
  return [...groups.values()].map((members, index) => {
    const schema = schemaOf(members[0]!)
    return {
      target: `database ${server} ${schema}${index === 0 ? '' : ` (${index + 1})`}`,
      schema,
      migrationsDir,
      contracts: members,
      connection: () => serverConnection(members[0]!, server!, schema),
    }
  })
}

/** Host, port and database as the contract writes them, with their variables. */
function place(contract: Contract, server: string): readonly (string | null)[] {
  return ['host', 'port', 'database'].map((key) => entryText(contract, server, key))
}

function entryText(contract: Contract, server: string, key: string): string | null {
  return asText(contract.servers.find(({ name }) => name === server)?.entry[key])
}

function serverConnection(contract: Contract, name: string, schema: string): PostgresConnection {
  const server = resolveServer(contract, name, process.env)!
  if (server.type !== 'postgres' && server.type !== 'postgresql')
    throw invalid(
      `The server "${name}" of ${contract.topic} is of type ${server.type}, and tables are pushed to PostgreSQL only.`,
      'Name a server of type postgres.',
    )
  const [host, port, database] = ['host', 'port', 'database'].map((key) => asText(server.entry[key]))
  return {
    schema,
    ...(host === null ? {} : { host: host! }),
    ...(port === null ? {} : { port: Number(port) }),
    ...(database === null ? {} : { database: database! }),
  }
}

function asText(value: Json | undefined): string | null {
  return value === undefined || value === null || typeof value === 'object' ? null : String(value)
}

function resolveVariables(url: string): string {
  return url.replace(REFERENCE, (_reference, name: string, fallback: string | undefined) => {
    const value = process.env[name] || fallback
    if (value === undefined) throw invalid(`The variable ${name} of a database's url is not set.`, `Set ${name}.`)
    return value
  })
}

function chosen({ contracts }: PushProject, topics: readonly string[] | undefined): readonly Contract[] {
  for (const topic of topics ?? [])
    if (!contracts.some((contract) => contract.topic === topic))
      throw invalid(
        `No contract is about the topic "${topic}".${nameHint(
          topic,
          contracts.map((contract) => contract.topic),
        )}`,
        'Correct "contracts".',
      )
  return topics === undefined ? contracts : contracts.filter(({ topic }) => topics.includes(topic))
}

function insideProject(project: string, folder: string): void {
  const path = relative(project, resolve(project, folder))
  if (path === '' || path.startsWith('..') || isAbsolute(path))
    throw invalid(`The folder "${folder}" does not lie in the project.`, 'Give one below it, relative to it.')
}

function invalid(message: string, remedy: string): CovenantError {
  return new CovenantError({ code: 'PUSH_TARGET_INVALID', message, where: 'covenant.config.ts, push', remedy })
}

/** A key that nobody reads is a target that would silently not be pushed to. Types tell it only where they are checked. */
function refuseUnknown(target: object | undefined, known: readonly string[], where: string): void {
  for (const key of Object.keys(target ?? {}))
    if (!known.includes(key)) throw invalid(`Unknown key "${key}" in ${where}.`, nameHint(key, known).trim())
}
