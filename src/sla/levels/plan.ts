import { type Contract, type LevelProperty, levelKind, levelTarget } from '../../contract/index.ts'
import type { LevelPlan } from './define.ts'

/** Levels without a schedule of their own are evaluated every day, at midnight UTC. */
const DAILY = '0 0 * * *'

const OF_EVENT_TIMES: readonly string[] = ['latency', 'frequency', 'retention'] satisfies LevelProperty[]

/** The service levels of a contract that can be evaluated; `contract lint` tells of the others. */
export function levelPlans({ sla, eventTime }: Contract): readonly LevelPlan[] {
  const counts = new Map<string, number>()
  return sla.flatMap((level) => {
    const target = levelTarget(level.property, level.value, level.unit)
    const timed = OF_EVENT_TIMES.includes(level.property)
    const field = timed ? (level.field ?? eventTime) : null
    if (levelKind(level.property) === null || target === null || (timed && field === null)) return []
    const property = level.property as LevelProperty
    const count = (counts.get(property) ?? 0) + 1
    counts.set(property, count)
    return [
      {
        id: count === 1 ? property : `${property}-${count}`,
        property,
        target,
        field,
        schedule: level.schedule ?? DAILY,
        objective: level.objective ?? null,
      },
    ]
  })
}
