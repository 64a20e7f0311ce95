import { resolve } from 'node:path'

/** Options that every verb takes. */
export interface GlobalOptions {
  readonly project: string
  readonly state?: string
  readonly json?: boolean
}

/** Where a verb finds its project and state, and how it prints. */
export interface CommandContext {
  readonly projectDir: string
  readonly stateDir: string
  readonly json: boolean
}

export function contextOf(options: GlobalOptions): CommandContext {
  const projectDir = resolve(options.project)
  return {
    projectDir,
    stateDir: resolve(options.state ?? `${projectDir}/.covenant`),
    json: options.json ?? false,
  }
}
