import type { ContractErrorCode } from './errors.ts'

/** One thing that is wrong (`error`) or doubtful (`warning`) in a contract file, and where it stands. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  readonly code: ContractErrorCode
  /** What was expected and what was found, in one sentence. */
  readonly message: string
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** 1-based. */
  readonly column: number
  /** Place in the document, e.g. `schema[0].properties[2].logicalType`; empty for the whole document. */
  readonly path: string
  /** What was probably meant, ready to be typed; `null` where there is no good guess. */
  readonly suggestion: string | null
}

/** Keys and indexes from the root of a document to one of its values. */
export type Path = readonly (string | number)[]

/** What the readers of a contract's parts say about it. Positions are looked up from the path. */
export interface Report {
  error(path: Path, code: ContractErrorCode, message: string, suggestion?: string | null): void
  warning(path: Path, code: ContractErrorCode, message: string, suggestion?: string | null): void
}

/** @example formatPath(['schema', 0, 'name']) // 'schema[0].name' */
export function formatPath(path: Path): string {
  let text = ''
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : text === '' ? step : `.${step}`
  return text
}

/** The way a terminal or an error message shows a problem: `file:line:column: message [CODE]`. */
export function formatProblem(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message} [${problem.code}]`
}
