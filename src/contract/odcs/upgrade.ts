import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts'

/** The ODCS version that Covenant writes. */
export const ODCS_VERSION = 'v3.2.0'

/**
 * An ODCS 3.x document in the forms of 3.2, saying the same:
 *
 * - `team` as a list becomes the object with `members` (since 3.1)
 * - `slaDefaultElement` becomes `element` of each service level that has none (deprecated in 3.1)
 * - a service level is called by its ODCS name: `latency` for `freshness` and `ly`
 * - `rule` of a library quality rule becomes `metric` (deprecated in 3.1)
 *
 * What 3.2 has no new form for, such as `dataProduct`, stays.
 *
 * @param levelName The ODCS name of a service level; `null` for one that ODCS does not have.
 */
export function upgradeDocument(document: JsonObject, levelName: (spelling: string) => string | null): JsonObject {
  const upgraded: Record<string, Json> = { ...modernQuality(document), apiVersion: ODCS_VERSION }
  if (Array.isArray(upgraded.team)) upgraded.team = { members: upgraded.team as readonly Json[] }
  const { slaProperties: levels, slaDefaultElement: element } = upgraded
  if (!Array.isArray(levels)) return upgraded
  const fallback = typeof element === 'string' && levels.length > 0 ? element : null
  if (fallback !== null) delete upgraded.slaDefaultElement
  upgraded.slaProperties = levels.map((level: Json) =>
    isJsonObject(level) ? upgradeLevel(level, fallback, levelName) : level,
  )
  return upgraded
}

function upgradeLevel(
  level: JsonObject,
  fallback: string | null,
  levelName: (spelling: string) => string | null,
): JsonObject {
  const { property } = level
  const name = typeof property === 'string' ? levelName(property) : null
  return {
    ...level,
    ...(name === null ? {} : { property: name }),
    ...(fallback === null || Object.hasOwn(level, 'element') ? {} : { element: fallback }),
  }
}

/** The library rules of ODCS 3.0 and the metrics of 3.1 that replaced them. */
const METRICS: Readonly<Record<string, string>> = {
  duplicateCount: 'duplicateValues',
  rowCount: 'rowCount',
  countCheck: 'rowCount',
  nullCheck: 'nullValues',
  validValues: 'invalidValues',
}

/** The document with `metric` for the `rule` of ODCS 3.0, wherever a quality rule has one. */
export function modernQuality(document: JsonObject): JsonObject {
  // Most documents have none, and are not copied.
  if (!Array.isArray(document.schema) || !hasOldRule(document.schema as Json)) return document
  return { ...document, schema: modernWithin(document.schema as Json) }
}

function hasOldRule(value: Json): boolean {
  if (Array.isArray(value)) return (value as readonly Json[]).some(hasOldRule)
  return isJsonObject(value) && (Object.hasOwn(value, 'rule') || Object.values(value).some(hasOldRule))
}

function modernWithin(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(modernWithin)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === 'customProperties' || key === 'examples') return [key, inner]
      if (key !== 'quality' || !Array.isArray(inner)) return [key, modernWithin(inner)]
      return [key, inner.map((rule: Json) => (isJsonObject(rule) ? modernRule(rule) : rule))]
    }),
  )
}

function modernRule(rule: JsonObject): JsonObject {
  const name = rule.rule
  const type = rule.type ?? 'library'
  if (typeof name !== 'string' || !Object.hasOwn(METRICS, name) || Object.hasOwn(rule, 'metric') || type !== 'library')
    return rule
  const { rule: _, validValues, ...rest } = rule
  const values = validValues === undefined ? {} : { arguments: { validValues } }
  // These two say by their name that no value may be otherwise.
  const none =
    (name === 'nullCheck' || name === 'validValues') && !Object.keys(rule).some((key) => key.startsWith('must'))
  return { ...rest, metric: METRICS[name]!, ...values, ...(none ? { mustBe: 0 } : {}) }
}
