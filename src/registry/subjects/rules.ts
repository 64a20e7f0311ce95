import { canonicalJson } from '../../kernel/index.ts'
import {
  type Metadata,
  RULE_PHASES,
  type Rule,
  type RuleSet,
  type SchemaContent,
  type SubjectConfig,
} from './define.ts'
import { refuse } from './refusal.ts'

const NAME_LENGTH_MAX = 64

/** Throws `42210` where a rule has no name or type, a name stands twice, or a mode does not belong to its phase. */
export function checkRuleSet(ruleSet: RuleSet | null | undefined): void {
  if (!ruleSet) return
  for (const phase of RULE_PHASES) {
    const names = new Set<string>()
    for (const rule of ruleSet[phase] ?? []) {
      checkRule(rule)
      if (names.has(rule.name)) throw refuse.invalidRuleSet(`Found rule with duplicate name '${rule.name}'`)
      names.add(rule.name)
      const migrates = ['UPGRADE', 'DOWNGRADE', 'UPDOWN'].includes(rule.mode ?? '')
      if (phase === 'migrationRules' && !migrates)
        throw refuse.invalidRuleSet('Migration rules can only be UPGRADE, DOWNGRADE, UPDOWN')
      if (phase !== 'migrationRules' && (migrates || rule.mode === undefined))
        throw refuse.invalidRuleSet(
          `${phase === 'domainRules' ? 'Domain' : 'Encoding'} rules can only be WRITE, READ, WRITEREAD`,
        )
    }
  }
}

function checkRule({ name, type, mode, onSuccess, onFailure }: Rule): void {
  if (!name) throw refuse.invalidRuleSet('Empty rule name')
  if (name.length > NAME_LENGTH_MAX) throw refuse.invalidRuleSet('Rule name too long')
  if (!/^[\p{L}_]/u.test(name)) throw refuse.invalidRuleSet(`Illegal initial character in rule name: ${name}`)
  if (!/^[\p{L}\p{Nd}_-]*$/u.test(name)) throw refuse.invalidRuleSet(`Illegal character in rule name: ${name}`)
  if (!type) throw refuse.invalidRuleSet('Missing rule type')
  const both = mode === 'WRITEREAD' || mode === 'UPDOWN'
  if (!both && [onSuccess, onFailure].some((action) => action?.includes(',')))
    throw refuse.invalidRuleSet('Multiple actions only valid with WRITEREAD and UPDOWN')
}

/**
 * Metadata and rules of a new version: its own, or where it brings none, those of the version before; under them the
 * configured defaults, over them the configured overrides.
 */
export function withDefaults(
  own: Pick<SchemaContent, 'metadata' | 'ruleSet'>,
  previous: Pick<SchemaContent, 'metadata' | 'ruleSet'> | undefined,
  config: SubjectConfig,
): Pick<SchemaContent, 'metadata' | 'ruleSet'> {
  const metadata = own.metadata ?? previous?.metadata
  const ruleSet = own.ruleSet ?? previous?.ruleSet
  return {
    metadata: mergeMetadata(mergeMetadata(config.defaultMetadata, metadata), config.overrideMetadata) ?? null,
    ruleSet: mergeRuleSets(mergeRuleSets(config.defaultRuleSet, ruleSet), config.overrideRuleSet) ?? null,
  }
}

function mergeMetadata(
  under: Metadata | null | undefined,
  over: Metadata | null | undefined,
): Metadata | null | undefined {
  if (!under || !over) return over ?? under
  const tags = { ...under.tags, ...over.tags }
  const properties = { ...under.properties, ...over.properties }
  const sensitive = [...new Set([...(under.sensitive ?? []), ...(over.sensitive ?? [])])]
  return {
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(sensitive.length === 0 ? {} : { sensitive }),
  }
}

function mergeRuleSets(
  under: RuleSet | null | undefined,
  over: RuleSet | null | undefined,
): RuleSet | null | undefined {
  if (!under || !over) return over ?? under
  const phases = RULE_PHASES.map((phase) => {
    const named = new Map([...(under[phase] ?? []), ...(over[phase] ?? [])].map((rule) => [rule.name, rule]))
    return [phase, [...named.values()]] as const
  })
  return { ...under, ...over, ...Object.fromEntries(phases.filter(([, rules]) => rules.length > 0)) }
}

/** Whether content is what a request asks for; a request that says nothing of metadata or rules takes any. */
export function answers(
  content: SchemaContent,
  wanted: Pick<SchemaContent, 'schemaType' | 'references' | 'metadata' | 'ruleSet'>,
): boolean {
  const same = (a: unknown, b: unknown) => canonicalJson(a) === canonicalJson(b)
  return (
    content.schemaType === wanted.schemaType &&
    same(content.references, wanted.references) &&
    (wanted.metadata === null || same(content.metadata, wanted.metadata)) &&
    (wanted.ruleSet === null || same(content.ruleSet, wanted.ruleSet))
  )
}
