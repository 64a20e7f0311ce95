import type { Contract } from '../define.ts'
import { compilePython } from './python/index.ts'
import { compileTypeScript } from './typescript.ts'

export const PRODUCER_LANGUAGES = ['typescript', 'python'] as const

export type ProducerLanguage = (typeof PRODUCER_LANGUAGES)[number]

/** A generated module for the producers of one contract. */
export interface ProducerModule {
  readonly contractId: string
  readonly version: string
  readonly topic: string
  /** File name without folder: `flights-arrived.ts`, `flights_arrived.py`. */
  readonly file: string
  readonly code: string
}

/**
 * Typed producers of contracts. Equal contracts give equal code, byte for byte.
 *
 * @throws CovenantError `CONTRACT_NOT_EXPRESSIBLE`, `CONTRACT_RULE_INVALID`
 * @example generateProducers([contract], 'python')[0].file // 'flights_arrived.py'
 */
export function generateProducers(
  contracts: readonly Contract[],
  language: ProducerLanguage,
): readonly ProducerModule[] {
  return contracts.map((contract) => ({
    contractId: contract.id,
    version: contract.version,
    topic: contract.topic,
    file: fileName(contract.topic, language),
    code: language === 'python' ? compilePython(contract) : compileTypeScript(contract),
  }))
}

function fileName(topic: string, language: ProducerLanguage): string {
  if (language === 'typescript') return `${topic.replace(/[^A-Za-z0-9_-]+/g, '-')}.ts`
  const name = topic.replace(/\W+/g, '_').replaceAll('-', '_')
  return `${/^[A-Za-z_]/.test(name) ? name : `topic_${name}`}.py`
}
