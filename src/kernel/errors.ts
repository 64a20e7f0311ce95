/** What every Covenant error tells: what went wrong, where, how to mend it, and whether trying again can help. */
export interface ErrorDetails {
  /** Documented, stable code such as `CONTRACT_UNKNOWN_KEY`; listed in the `errors.ts` of the stage that throws it. */
  readonly code: string
  /** One sentence: what was expected and what was found. */
  readonly message: string
  /** File, line, topic, port, run …: where the reader has to look. */
  readonly where?: string
  /** The way out, as an instruction. */
  readonly remedy?: string
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable?: boolean
  readonly cause?: unknown
}

/**
 * The one base class of errors that Covenant throws. Bad *data* is never an error: it is a verdict.
 *
 * @example
 * throw new CovenantError({
 *   code: 'HTTP_PORT_IN_USE', message: 'Port 7070 is taken by another program.',
 *   remedy: 'Stop it, or start with --port 7071.', retryable: true,
 * })
 */
export class CovenantError extends Error {
  override readonly name = 'CovenantError'
  readonly code: string
  readonly where: string | undefined
  readonly remedy: string | undefined
  readonly retryable: boolean

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = details.code
    this.where = details.where
    this.remedy = details.remedy
    this.retryable = details.retryable ?? false
  }

  /** What, where and how to mend it, as one line for a terminal. */
  toLine(): string {
    const where = this.where ? ` (${this.where})` : ''
    const remedy = this.remedy ? ` ${this.remedy}` : ''
    return `${this.message}${where}${remedy}`
  }

  /** The body that the HTTP faces and `--json` print for this error. */
  toJSON(): { code: string; message: string; where?: string; remedy?: string; retryable: boolean } {
    return {
      code: this.code,
      message: this.message,
      ...(this.where === undefined ? {} : { where: this.where }),
      ...(this.remedy === undefined ? {} : { remedy: this.remedy }),
      retryable: this.retryable,
    }
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** The `code` of a thrown Node.js system error (`EACCES`, `EADDRINUSE` …), or `undefined`. */
export function systemCodeOf(thrown: unknown): string | undefined {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : undefined
}
