/** Replays dead letters in small batches, then ends: the victim of `src/validation/run/replay-kill.test.ts`. */
import { join } from 'node:path'
import { EmbeddedTopicLog } from '../src/adapters/embedded/topic-log.ts'
import { systemClock } from '../src/kernel/index.ts'
import { replayDeadLetters } from '../src/validation/index.ts'
import { openDeadLetterStore, orderVersion } from './dead-letters.ts'

/** Few letters a call, so that a call is killed at every stage of a batch. */
const LETTERS_OF_CALL = 7

const [folder] = process.argv.slice(2)
if (process.argv[1] === import.meta.filename && folder !== undefined) {
  const log = new EmbeddedTopicLog(join(folder, 'topics.db'), 'process')
  const deadLetters = await openDeadLetterStore(join(folder, 'metadata.db'))
  const parts = { log, deadLetters, clock: systemClock, versions: [orderVersion('1.1.0', 0)] }
  process.stdout.write('.')
  for (;;) {
    const { replayed } = await replayDeadLetters(parts, { dryRun: false, actor: 'victim', limit: LETTERS_OF_CALL })
    process.stdout.write('.')
    if (replayed === 0) break
  }
}
