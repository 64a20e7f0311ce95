import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import type { ValidationPlan } from '../contract/index.ts'
import { compileValidator } from './index.ts'

/** The verdicts that every engine must give; one file a theme, `text` or `base64` the record's value. */
interface ConformanceFile {
  readonly description: string
  readonly plan: ValidationPlan
  readonly records: readonly {
    readonly name: string
    readonly text?: string | null
    readonly base64?: string
    readonly valid: boolean
    readonly ruleIds: readonly string[]
    /** Ids of the rules that are broken but not enforced. */
    readonly warnings?: readonly string[]
  }[]
}

const folder = new URL('../../conformance/validation/', import.meta.url)

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const { plan, records } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as ConformanceFile
  describe(`conformance/validation/${file}`, () => {
    const validator = compileValidator(plan)
    for (const { name, text, base64, valid, ruleIds, warnings = [] } of records)
      test(name, () => {
        const value =
          base64 !== undefined ? Buffer.from(base64, 'base64') : typeof text === 'string' ? Buffer.from(text) : null
        // Once more after the validator has seen it often: what it learns must not change a verdict.
        for (let round = 0; round < 40; round++) {
          const verdict = validator.validate(value)
          const broken = verdict.valid ? [] : verdict.violations.map(({ ruleId }) => ruleId)
          assert.deepEqual([...new Set(broken)].sort(), ruleIds)
          assert.equal(verdict.valid, valid)
          assert.deepEqual(
            verdict.warnings.map(({ ruleId }) => ruleId),
            warnings,
          )
        }
      })
  })
}
