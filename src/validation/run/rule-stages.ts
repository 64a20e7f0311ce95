import type { RuleStage } from '../../contract/index.ts'
import type { TopicLog } from '../../topic/index.ts'
import type { ContractLookup, RegisteredVersion } from '../ports.ts'
import { type RuleCount, readRuleCounts } from './rule-counts.ts'

/** How a record rule of a topic's newest version stands. */
export interface RuleStanding {
  readonly topic: string
  readonly rule: string
  readonly stage: RuleStage
  /** The version since which the rule has been there as it is now, in this stage. */
  readonly since: string
  /** What the contract wants, in words. */
  readonly expected: string
  /** Conforming records since then, and those of them that it would have refused; `null` of an enforced rule. */
  readonly evaluated: number | null
  readonly broken: number | null
  /** `enforce` where it refuses nothing that was seen; `wait` where nothing was; `mend` the rule or the data else. */
  readonly next: 'enforce' | 'wait' | 'mend' | null
}

/** The record rules of the newest version of each topic, with what those that are not enforced would have refused. */
export async function ruleStandings(
  log: TopicLog,
  registry: ContractLookup,
  topics: readonly string[],
): Promise<readonly RuleStanding[]> {
  const standings: RuleStanding[] = []
  for (const topic of topics) {
    const versions = await registry.versionsOf(topic)
    if ((versions.at(-1)?.plan.rules.length ?? 0) === 0) continue
    standings.push(...standingsOf(topic, versions, await readRuleCounts(log, topic)))
  }
  return standings
}

function standingsOf(
  topic: string,
  versions: readonly RegisteredVersion[],
  counts: readonly RuleCount[],
): readonly RuleStanding[] {
  return versions.at(-1)!.plan.rules.map(({ id, stage, expected }) => {
    const same = versionsWithRule(versions, id)
    const standing = { topic, rule: id, stage, since: same[0]!, expected }
    if (stage === 'enforce') return { ...standing, evaluated: null, broken: null, next: null }
    const own = counts.filter(({ rule, version }) => rule === id && same.includes(version))
    const evaluated = own.reduce((sum, count) => sum + count.evaluated, 0)
    const broken = own.reduce((sum, count) => sum + count.broken, 0)
    return { ...standing, evaluated, broken, next: evaluated === 0 ? 'wait' : broken === 0 ? 'enforce' : 'mend' }
  })
}

/** The newest versions in a row that have the rule with the same expression and stage as the newest one, oldest first. */
function versionsWithRule(versions: readonly RegisteredVersion[], id: string): readonly string[] {
  const meaning = ({ plan }: RegisteredVersion) => {
    const rule = plan.rules.find((each) => each.id === id)
    return rule && JSON.stringify([rule.expression, rule.stage])
  }
  const wanted = meaning(versions.at(-1)!)
  const other = versions.findLastIndex((version) => meaning(version) !== wanted)
  return versions.slice(other + 1).map(({ plan }) => plan.contractVersion)
}
