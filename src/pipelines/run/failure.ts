import { CovenantError, messageOf } from '../../kernel/index.ts'

/** Why a step did not do its work: one sentence that tells what, where and how to mend it. */
export function stepFailure(step: string, problem: string, remedy?: string): CovenantError {
  return new CovenantError({
    code: 'PIPELINE_STEP_FAILED',
    message: `Step "${step}" failed: ${problem}`,
    ...(remedy === undefined ? {} : { remedy }),
  })
}

/** The reason that a run records for whatever a step threw. */
export function failureReason(step: string, thrown: unknown): string {
  if (!(thrown instanceof CovenantError)) return `Step "${step}" failed: ${messageOf(thrown)}`
  return thrown.code === 'PIPELINE_STEP_FAILED' ? thrown.toLine() : `Step "${step}" failed: ${thrown.toLine()}`
}

/** True when the process is told to stop: the step was not done, and will be at the next start. */
export function isStopping(thrown: unknown): boolean {
  return thrown instanceof CovenantError && thrown.code === 'PIPELINE_STOPPING'
}
