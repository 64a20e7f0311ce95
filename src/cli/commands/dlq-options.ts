/** Which dead letters a verb means. */
interface FilterOptions {
  readonly fingerprint?: string
  readonly source?: string[]
  readonly dryRun?: boolean
}

export interface ReplayOptions extends FilterOptions {
  readonly execute?: boolean
  readonly yes?: boolean
  readonly patch?: string
  readonly patchFile?: string
  readonly force?: boolean
  readonly all?: boolean
  readonly limit?: number
  readonly reason?: string
}

export interface StateOptions extends FilterOptions {
  readonly reason: string
}
