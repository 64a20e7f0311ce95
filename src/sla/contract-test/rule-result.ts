import type { RulePlan } from '../../contract/index.ts'
import type { FailingRow, TestCheck } from './define.ts'
import { statusOf } from './report.ts'

/** The result of a record rule. One that is not enforced never fails a test; in the stage `shadow` it is only counted. */
export function ruleResult(
  { id, field, stage, expected }: RulePlan,
  failed: number,
  rows: number,
  examples: readonly FailingRow[],
): TestCheck {
  const severity = stage === 'enforce' ? 'error' : 'warning'
  return {
    ...{ id, kind: 'rule', field, dimension: 'conformity', severity, expected, failed, rows, observed: null, examples },
    status: statusOf(failed === 0 || stage === 'shadow', severity),
    reason: stage === 'shadow' && failed > 0 ? 'in the stage shadow: counted, refuses nothing' : null,
  }
}
