import type { ValidationPlan } from '../../contract/index.ts'
import { HEADERS, type Headers } from '../../topic/index.ts'

/** The attribute of a CloudEvent that names its schema, as a header (Kafka binding). */
const DATA_SCHEMA = 'ce_dataschema'
/** The last two steps of a URI: what the schema is of, and its version. */
const NAME_AND_VERSION = /(?:^|[/:#])([^/:#]+)[/:@](\d{1,9}\.\d{1,9}\.\d{1,9})$/

/**
 * The contract version that a record says it was written under: header `cov.version`, or the `dataschema` of a CloudEvent
 * where it ends in the topic or contract id and a version. `undefined` where it names none.
 *
 * @example writerVersion({ ce_dataschema: 'https://flights.example/schemas/flights.arrived/1.2.0' }, plan) // '1.2.0'
 */
export function writerVersion(
  headers: Headers,
  { topic, contractId }: Pick<ValidationPlan, 'topic' | 'contractId'>,
): string | undefined {
  const version = headers[HEADERS.version]
  if (version !== undefined) return version
  const schema = headers[DATA_SCHEMA]
  if (schema === undefined) return undefined
  const [, name, named] = NAME_AND_VERSION.exec(schema) ?? []
  // Other registries' schema URIs end in versions too: only one that names this contract speaks of it.
  return name === topic || name === contractId ? named : undefined
}
