import type { Json } from '../../kernel/index.ts'
import { type StepResult, value } from './task.ts'

/** One check of a gate. */
export interface CheckOutcome {
  readonly name: string
  readonly observed: Json
  /** In words. */
  readonly expected: string
  readonly passed: boolean
}

/** The result of a gate: every check as evidence, and the failed ones in words as the reason to stop. */
export function judge(gate: string, outcomes: readonly CheckOutcome[]): StepResult {
  const outputs = { checks: value(outcomes.map((outcome) => ({ ...outcome }))) }
  const failed = outcomes.filter(({ passed }) => !passed)
  return failed.length === 0
    ? { outputs }
    : { outputs, stopped: `${gate} stopped the run: ${failed.map(inWords).join('; ')}.` }
}

function inWords({ name, observed, expected }: CheckOutcome): string {
  const shown = typeof observed === 'number' ? String(Number(observed.toPrecision(6))) : (observed ?? 'not measurable')
  return `${name}: ${shown}, expected ${expected}`
}
