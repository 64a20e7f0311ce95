/** What `covenant.config.ts` of a user's project says. */
export interface ProjectConfig {
  readonly kind: 'project'
  readonly name: string
  /** Cron expressions (UTC) of the hops that run on a schedule. */
  readonly schedule: {
    /** Validated topics → lake. */
    readonly lake: string
    /** SLA audit of the new snapshots, publication, warehouse build. */
    readonly audit: string
  }
  /** Where `covenant apply` pushes approved contract versions to, beside the registry and the validators. */
  readonly push: {
    readonly producers: readonly ProducerTarget[]
    readonly databases: readonly DatabaseTarget[]
  }
}

/** Producing applications: a folder that gets one generated, typed producer a contract. */
export interface ProducerTarget {
  readonly language: 'typescript' | 'python'
  /** Relative to the project. */
  readonly directory: string
  /** Topics of the contracts; all of the project unless given. */
  readonly contracts?: readonly string[]
}

/** A PostgreSQL database that gets one table a contract. */
export interface DatabaseTarget {
  /** Name of an entry of the contracts' `servers` of type `postgres`; contracts without it are left out. */
  readonly server?: string
  /** Instead of `server`: a connection URL; `${NAME}` stands for a variable of the environment. */
  readonly url?: string
  /** The schema of the tables: that of the server entry, else `public`, unless given. */
  readonly schema?: string
  /** Folder of the migrations, relative to the project: `migrations` unless given. */
  readonly migrations?: string
  /** Topics of the contracts; all of the project unless given. */
  readonly contracts?: readonly string[]
}

/**
 * Declares a project: the one export of `covenant.config.ts`.
 *
 * @example
 * export const project = defineProject({ name: 'flights', schedule: { lake: '0 1 * * *', audit: '0 2 * * *' } })
 * @example
 * export const project = defineProject({
 *   name: 'shop',
 *   push: {
 *     producers: [{ language: 'typescript', directory: 'producers/ts' }],
 *     databases: [{ server: 'production', schema: 'contracts' }],
 *   },
 * })
 */
export function defineProject(definition: {
  readonly name: string
  readonly schedule?: Partial<ProjectConfig['schedule']>
  readonly push?: Partial<ProjectConfig['push']>
}): ProjectConfig {
  return Object.freeze({
    kind: 'project',
    name: definition.name,
    schedule: Object.freeze({ lake: '*/5 * * * *', audit: '*/5 * * * *', ...definition.schedule }),
    push: Object.freeze({ producers: [], databases: [], ...definition.push }),
  })
}
