import { isUtf8 } from 'node:buffer'
import type { ValidationPlan } from '../../contract/index.ts'
import { messageOf } from '../../kernel/index.ts'
import { type Validator, type Verdict, VIOLATIONS_MAX, type Violation } from '../define.ts'
import { compileFastPath } from './fast-path.ts'
import { compilePatterns } from './patterns.ts'
import { compileRules } from './record-rules.ts'
import { ScanPath } from './scan/scan-path.ts'
import { collectViolations } from './violations.ts'

const VALID: Verdict = Object.freeze({ valid: true, warnings: [] })
/** What decoding puts in the place of bytes that are no UTF-8. */
const REPLACEMENT = '\uFFFD'

/**
 * Makes the validator of a contract version. Three readings of the plan, each only where the one before did not say yes:
 * a scan of the bytes in the order that events were seen to have, a generated function over the parsed value, and the
 * walk that collects all violations. Record rules are generated functions over the parsed value: with them, nothing is
 * scanned.
 *
 * JSON is read as `JSON.parse` does (of a repeated member the last counts). `required` means present and not null; an
 * optional field may be null. Lengths count code points; an integer is a number without fraction within ±(2^53 − 1).
 *
 * @throws `CONTRACT_PATTERN_INVALID` where a pattern is no regular expression
 * @example compileValidator(plan).validate(Buffer.from('{"tailnum":null}'))
 */
export function compileValidator(plan: ValidationPlan): Validator {
  const patterns = compilePatterns(plan)
  const conforms = compileFastPath(plan, patterns)
  const scan = new ScanPath(plan, patterns)
  const rules = plan.rules.length === 0 ? null : compileRules(plan)
  const tombstone: Verdict = plan.cdc === 'debezium' ? VALID : refused('required', 'a value', 'null')

  return {
    validate(value) {
      if (value === null) return tombstone
      if (scan.conforms(value)) return VALID
      const text = decode(value)
      if (text.includes(REPLACEMENT) && !isUtf8(value)) return notUtf8(value)
      let parsed: unknown
      try {
        parsed = JSON.parse(text)
      } catch (thrown) {
        return notJson(text, thrown)
      }
      if (conforms(parsed)) {
        if (rules !== null) return rules.holdFor(parsed) ? VALID : verdict([], rules.broken(parsed))
        scan.learn(parsed as object)
        return VALID
      }
      return verdict(collectViolations(plan, patterns, parsed), rules === null ? [] : rules.broken(parsed))
    },
  }
}

function verdict(schema: readonly Violation[], rules: readonly Violation[]): Verdict {
  const violations = schema.concat(rules.filter(({ severity }) => severity === 'error')).slice(0, VIOLATIONS_MAX)
  const warnings = rules.filter(({ severity }) => severity === 'warning').slice(0, VIOLATIONS_MAX)
  if (violations.length > 0) return { valid: false, violations, warnings }
  return warnings.length === 0 ? VALID : { valid: true, warnings }
}

function decode(value: Uint8Array): string {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return bytes.toString('utf8')
}

function notUtf8(value: Uint8Array): Verdict {
  return refused('encoding', 'UTF-8', `${value.length} bytes that are not`)
}

function notJson(text: string, thrown: unknown): Verdict {
  return refused('parse', 'JSON', text.length === 0 ? 'nothing' : messageOf(thrown).slice(0, 80))
}

function refused(code: Violation['code'], expected: string, got: string): Verdict {
  return {
    valid: false,
    violations: [{ ruleId: code, path: '', code, expected, got, severity: 'error' }],
    warnings: [],
  }
}
