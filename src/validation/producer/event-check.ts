import type { ValidationPlan } from '../../contract/index.ts'
import { messageOf } from '../../kernel/index.ts'
import type { Violation } from '../define.ts'
import { compileValidator } from '../plan/validator.ts'

/** An event as the JSON that is sent, `null` where there is none, and what it breaks, errors before warnings. */
export type EventCheck = (event: unknown) => {
  readonly text: string | null
  readonly violations: readonly Violation[]
}

/** Judges the bytes that would be sent, so that the verdict is the one that they get behind the raw topic. */
export function compileEventCheck(plan: ValidationPlan): EventCheck {
  const validator = compileValidator(plan)
  return (event) => {
    let text: string | undefined
    try {
      text = JSON.stringify(event, finite)
    } catch (thrown) {
      return { text: null, violations: [unwritable(messageOf(thrown))] }
    }
    if (text === undefined) return { text: null, violations: [unwritable(typeof event)] }
    const verdict = validator.validate(Buffer.from(text))
    return { text, violations: verdict.valid ? verdict.warnings : [...verdict.violations, ...verdict.warnings] }
  }
}

/** `JSON.stringify` would write null, which is another value, and may even conform. */
function finite(_name: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(String(value))
  return value
}

function unwritable(got: string): Violation {
  return {
    ruleId: 'parse',
    path: '',
    code: 'parse',
    expected: 'what JSON can hold',
    got: got.slice(0, 80),
    severity: 'error',
  }
}
