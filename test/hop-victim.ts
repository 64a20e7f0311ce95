/** Produces and validates without end until it is killed: the victim of `src/validation/run/kill.test.ts`. */
import { EmbeddedTopicLog } from '../src/adapters/embedded/topic-log.ts'
import { EventBus, systemClock } from '../src/kernel/index.ts'
import { deadLetterTopic, rawTopic, validatedTopic } from '../src/topic/index.ts'
import { ValidationHop } from '../src/validation/index.ts'
import { planOf, registeredVersion } from './random-plans.ts'

export const victimTopic = 'orders'
export const victimPlan = planOf([{ name: 'id', type: 'integer', required: true, rules: { multipleOf: 3 } }], {
  topic: victimTopic,
})

/** The value of the n-th record; every third conforms. */
export function victimValue(n: number): Buffer {
  return Buffer.from(`{"id":${n},"text":"${'x'.repeat(n % 300)}"}`)
}

export function victimHop(log: EmbeddedTopicLog): ValidationHop {
  const registry = { versionsOf: async () => [registeredVersion(victimPlan)] }
  return new ValidationHop({ log, registry, clock: systemClock, events: new EventBus(), batchSize: 40 })
}

async function produceAndValidate(path: string): Promise<void> {
  const log = new EmbeddedTopicLog(path, 'process')
  await log.createTopics([rawTopic(victimTopic), validatedTopic(victimTopic), deadLetterTopic(victimTopic)])
  const hop = victimHop(log)
  for (;;) {
    // It begins before the end, as a producer does that does not know how much of its last batch arrived.
    const first = Math.max(0, (await log.endOffset(rawTopic(victimTopic), 0)) - 50)
    const numbers = Array.from({ length: 150 }, (_, i) => first + i)
    const records = numbers.map((n) => ({ key: null, value: victimValue(n), headers: {}, timestamp: n }))
    await log.append(rawTopic(victimTopic), records, { producerId: 'victim', first })
    await hop.run(victimTopic)
    process.stdout.write('.')
  }
}

const [path] = process.argv.slice(2)
if (process.argv[1] === import.meta.filename && path !== undefined) await produceAndValidate(path)
