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
}

/**
 * Declares a project: the one export of `covenant.config.ts`.
 *
 * @example
 * export const project = defineProject({ name: 'flights', schedule: { lake: '0 1 * * *', audit: '0 2 * * *' } })
 */
export function defineProject(definition: {
  readonly name: string
  readonly schedule?: Partial<ProjectConfig['schedule']>
}): ProjectConfig {
  return Object.freeze({
    kind: 'project',
    name: definition.name,
    schedule: Object.freeze({ lake: '*/5 * * * *', audit: '*/5 * * * *', ...definition.schedule }),
  })
}
