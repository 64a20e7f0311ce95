import {
  type Contract,
  compileValidationPlan,
  type FieldPlan,
  type SchemaCheck,
  schemaChecks,
} from '../../contract/index.ts'
import { isJsonObject, type Json } from '../../kernel/index.ts'
import { compileValidator, expectation, type Violation, type ViolationCode } from '../../validation/index.ts'
import type { FailingRow, TestCheck, TestFindings } from './define.ts'
import { identifyingFields } from './rows.ts'
import { ruleResult } from './rule-result.ts'

/** A record under test: its bytes, and where it stands: 1-based line or item, or offset. `null` is a tombstone. */
export interface TestRecord {
  readonly value: Uint8Array | null
  readonly row: number
}

export interface DocumentsTest {
  readonly contract: Contract
  readonly records: AsyncIterable<readonly TestRecord[]>
  /** Rows shown for each check that fails. */
  readonly show: number
  /** Is told each record that the validator refuses. */
  readonly onRefused?: (record: TestRecord, violations: readonly Violation[]) => void
  /** Is told the records that are JSON objects, as they are read, for the quality rules. */
  readonly onRecords?: (records: readonly TestRecord[]) => void
}

/** Tests records one by one: the verdict is the validator's own. */
export async function testDocuments(test: DocumentsTest): Promise<TestFindings> {
  const { contract, records, show, onRefused, onRecords } = test
  const validator = compileValidator(compileValidationPlan(contract))
  const tally = new Tally(contract, show)
  for await (const batch of records) {
    const objects: TestRecord[] = []
    for (const record of batch) {
      const verdict = validator.validate(record.value)
      tally.rows++
      if (verdict.valid || verdict.violations.every(({ path }) => path !== '')) objects.push(record)
      if (verdict.valid && verdict.warnings.length === 0) continue
      const key = keyOf(contract, record)
      const violations = verdict.valid ? [] : verdict.violations
      tally.add(record, violations, verdict.warnings, key)
      if (!verdict.valid) onRefused?.(record, violations)
    }
    onRecords?.(objects)
  }
  return tally.findings()
}

interface Counted {
  readonly violation: Violation
  failed: number
  readonly examples: FailingRow[]
}

class Tally {
  rows = 0
  #failing = 0
  readonly #contract: Contract
  readonly #show: number
  readonly #byRule = new Map<string, Counted>()

  constructor(contract: Contract, show: number) {
    this.#contract = contract
    this.#show = show
  }

  /** A record counts once for each rule that it breaks, however often it does. */
  add(
    { row }: TestRecord,
    violations: readonly Violation[],
    warnings: readonly Violation[],
    key: FailingRow['key'],
  ): void {
    if (violations.length > 0) this.#failing++
    const told = new Set<string>()
    for (const violation of [...violations, ...warnings]) {
      if (told.has(violation.ruleId)) continue
      told.add(violation.ruleId)
      const counted = this.#byRule.get(violation.ruleId) ?? { violation, failed: 0, examples: [] }
      this.#byRule.set(violation.ruleId, counted)
      counted.failed++
      if (counted.examples.length < this.#show) counted.examples.push({ key, row, got: violation.got })
    }
  }

  findings(): TestFindings {
    const expected = this.#expected()
    const { rules } = compileValidationPlan(this.#contract)
    const known = new Set([...expected.map(({ ruleId }) => ruleId), ...rules.map(({ id }) => id)])
    const others = [...this.#byRule.values()].filter(({ violation }) => !known.has(violation.ruleId))
    const checks = [
      ...others.map((counted) => this.#result(counted.violation.ruleId, null, counted.violation, counted)),
      ...expected.map((check) => {
        const about = { code: check.code, expected: expectation(check.code as ViolationCode, check.plan) }
        return this.#result(check.ruleId, check.field, about, this.#byRule.get(check.ruleId))
      }),
      ...rules.map((rule) => {
        const counted = this.#byRule.get(rule.id)
        return ruleResult(rule, counted?.failed ?? 0, this.rows, counted?.examples ?? [])
      }),
    ]
    return { rows: this.rows, failingRows: this.#failing, checks }
  }

  /** Of change events, the row stands under `after`. */
  #expected(): readonly SchemaCheck[] {
    const { fields } = compileValidationPlan(this.#contract)
    if (this.#contract.cdc === null) return schemaChecks(fields)
    const after: FieldPlan = { name: 'after', type: 'object', required: true, rules: {}, fields }
    return schemaChecks([after]).map((check) => ({ ...check, field: check.ruleId.split('.')[1] ?? 'after' }))
  }

  #result(
    id: string,
    field: string | null,
    { code, expected }: { readonly code: string; readonly expected: string },
    counted: Counted | undefined,
  ): TestCheck {
    return {
      ...{ id, kind: 'schema', field, severity: 'error', expected, rows: this.rows, observed: null, reason: null },
      dimension: code === 'required' ? 'completeness' : 'conformity',
      status: counted ? 'fail' : 'pass',
      failed: counted?.failed ?? 0,
      examples: counted?.examples ?? [],
    }
  }
}

/** The parts of the record's key, as far as it can be read. */
function keyOf(contract: Contract, { value }: TestRecord): FailingRow['key'] {
  const names = identifyingFields(contract)
  const row = names.length === 0 || value === null ? undefined : rowOf(contract, value)
  if (row === undefined) return null
  const parts = names.flatMap((name) => (Object.hasOwn(row, name) ? [[name, row[name] as Json] as const] : []))
  return parts.length === 0 ? null : Object.fromEntries(parts)
}

function rowOf({ cdc }: Contract, value: Uint8Array): { readonly [key: string]: Json } | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(value).toString())
    if (!isJsonObject(parsed)) return undefined
    if (cdc === null) return parsed
    const row = parsed.op === 'd' ? parsed.before : parsed.after
    return isJsonObject(row) ? row : undefined
  } catch {
    return undefined
  }
}
