import { compareVersions, type RuleStage } from '../../contract/index.ts'
import type { EpochMs } from '../../kernel/index.ts'
import { type NewRecord, rulesTopic, type TopicLog } from '../../topic/index.ts'
import type { Blocked } from './destinations.ts'
import type { Judgement } from './judge.ts'
import type { Checker } from './version-timeline.ts'

/** What a rule that is not enforced met under one contract version, since the version is active. */
export interface RuleCount {
  readonly version: string
  readonly rule: string
  readonly stage: Exclude<RuleStage, 'enforce'>
  /** Records that conformed to the version and went on to the validated topic. */
  readonly evaluated: number
  /** Those of them that break the rule: it would have refused them. */
  readonly broken: number
}

/** The counts of a topic, all since its first record, by version and rule. */
export async function readRuleCounts(log: TopicLog, topic: string): Promise<readonly RuleCount[]> {
  const name = rulesTopic(topic)
  const info = (await log.topics()).find((each) => each.topic === name)
  if (info === undefined || info.records === 0) return []
  // Each record of the topic holds all counts, so the last one is enough.
  const [last] = await log.read(name, 0, (await log.endOffset(name, 0)) - 1, 1)
  return JSON.parse(Buffer.from(last!.value!).toString()) as RuleCount[]
}

/**
 * The counts after a batch, or `null` where it does not change them: no version that its conforming records were held
 * against has a rule in the stage `shadow` or `warn`.
 */
export function countRules(
  before: readonly RuleCount[],
  judgements: readonly Judgement[],
  versions: readonly Checker[],
  blocked: Blocked,
): readonly RuleCount[] | null {
  const added = new Map<string, RuleCount[]>()
  for (const { version, plan } of versions)
    added.set(
      version,
      plan.rules.flatMap(({ id: rule, stage }) =>
        stage === 'enforce' ? [] : [{ version, rule, stage, evaluated: 0, broken: 0 }],
      ),
    )
  for (const { record, version, violations, warnings } of judgements) {
    // A record that waits for another one of its key is counted when it goes on.
    const counts = violations === null && !blocked.has(record) ? added.get(version) : undefined
    if (counts === undefined) continue
    const broken = new Set(warnings.map(({ ruleId }) => ruleId))
    added.set(
      version,
      counts.map((count) => counted(count, 1, broken.has(count.rule) ? 1 : 0)),
    )
  }
  const changes = [...added.values()].flat().filter(({ evaluated }) => evaluated > 0)
  return changes.length === 0 ? null : changes.reduce(plus, before)
}

function counted(count: RuleCount, evaluated: number, broken: number): RuleCount {
  return { ...count, evaluated: count.evaluated + evaluated, broken: count.broken + broken }
}

/** In an order that does not depend on which version was met first, for that depends on the batches. */
function plus(counts: readonly RuleCount[], change: RuleCount): readonly RuleCount[] {
  const isSame = ({ version, rule }: RuleCount) => version === change.version && rule === change.rule
  if (counts.some(isSame))
    return counts.map((count) => (isSame(count) ? counted(count, change.evaluated, change.broken) : count))
  return [...counts, change].sort(
    (a, b) => compareVersions(a.version, b.version) || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0),
  )
}

export function ruleCountsRecord(counts: readonly RuleCount[], at: EpochMs): NewRecord {
  return { key: null, value: Buffer.from(JSON.stringify(counts)), headers: {}, timestamp: at }
}
