import type { Contract, Field, LogicalType, QualityRule } from '../../src/contract/index.ts'
import { NOTHING_SAID } from '../contract/arbitraries.ts'

/** A field; everything that is not said is absent. */
export function fieldOf(name: string, type: LogicalType, more: Partial<Field> = {}): Field {
  const bare = { required: false, unique: false, primaryKeyPosition: null, rules: {}, description: null }
  return { name, type, ...bare, ...more }
}

/** A contract over a topic; everything that is not said is absent. */
export function contractOf(topic: string, fields: readonly Field[], more: Partial<Contract> = {}): Contract {
  return {
    ...{ id: topic, name: topic, version: '1.0.0', status: 'active', topic, owner: null, domain: null, purpose: null },
    ...{ key: [], eventTime: null, cdc: null, fields, quality: [], sla: [], lineage: { sources: [] } },
    ...NOTHING_SAID,
    ...{ source: '', hash: topic },
    ...more,
  }
}

/** A quality rule of severity `error`. */
export function ruleOf(id: string, check: QualityRule['check'], expect: QualityRule['expect']): QualityRule {
  return { id, description: null, dimension: null, severity: 'error', field: null, check, expect }
}
