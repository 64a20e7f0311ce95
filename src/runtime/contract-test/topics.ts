import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { EmbeddedTopicLog } from '../../adapters/embedded/topic-log.ts'
import { CovenantError } from '../../kernel/index.ts'
import type { TestRecord } from '../../sla/index.ts'
import { rawTopic, validatedTopic } from '../../topic/index.ts'
import { topicRecords } from './records.ts'
import type { TestSource } from './source.ts'

/** The records of the raw or the validated topic of a state folder; read also while another process works on it. */
export function topicSource(stateDir: string, topic: string, which: 'raw' | 'validated'): TestSource {
  const name = which === 'raw' ? rawTopic(topic) : validatedTopic(topic)
  return { name: `topic ${name}`, kind: 'records', bytes: null, read: () => records(stateDir, name) }
}

async function* records(stateDir: string, name: string): AsyncGenerator<readonly TestRecord[]> {
  const file = join(stateDir, 'topics.db')
  if (!existsSync(file)) throw notThere(name, stateDir)
  const log = new EmbeddedTopicLog(file, 'full')
  try {
    if (!(await log.topics()).some(({ topic }) => topic === name)) throw notThere(name, stateDir)
    yield* topicRecords(log, name)
  } finally {
    await log.close()
  }
}

function notThere(name: string, stateDir: string): CovenantError {
  return new CovenantError({
    code: 'TEST_DATA_UNREADABLE',
    message: `The state folder has no topic ${name}.`,
    where: stateDir,
    remedy: 'Make it with covenant apply, or name the folder of another state with --state DIR.',
  })
}
