import { SingleBar } from 'cli-progress'
import { systemClock } from '../../kernel/index.ts'
import type { Registry } from '../../registry/index.ts'
import { registryOf, type Stores } from '../../runtime/index.ts'
import {
  type RuleStanding,
  ruleStandings,
  type Verification,
  verifyTopic,
  versionStandings,
} from '../../validation/index.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { columns, print } from '../print.ts'
import { withStores } from '../state.ts'
import { pick } from './pick.ts'

interface Place {
  readonly stores: Stores
  readonly registry: Registry
  readonly topics: readonly string[]
}

/** From which raw offset on each contract version holds. */
export async function validationVersions(context: CommandContext, topics: readonly string[]): Promise<void> {
  const standings = await withTopics(context, topics, ({ stores, registry, topics: chosen }) =>
    versionStandings(stores.log, registry, chosen),
  )
  print(context, standings, (list) =>
    columns(
      ['topic', 'version', 'partition', 'active from offset'],
      list.map(({ topic, version, partition, fromOffset }) => [
        topic,
        version,
        partition,
        fromOffset ?? 'the next batch',
      ]),
      'No contract is registered: covenant apply.',
    ),
  )
}

/** Record rules with their stage, and what those that are not enforced would have refused. */
export async function validationRules(context: CommandContext, topics: readonly string[]): Promise<void> {
  const standings = await withTopics(context, topics, ({ stores, registry, topics: chosen }) =>
    ruleStandings(stores.log, registry, chosen),
  )
  print(context, standings, (list) =>
    columns(
      ['topic', 'rule', 'stage', 'since', 'would refuse', 'next'],
      list.map((standing) => [
        standing.topic,
        standing.rule,
        standing.stage,
        standing.since,
        standing.evaluated === null ? '' : `${standing.broken} of ${standing.evaluated}`,
        NEXT[standing.next ?? 'none'],
      ]),
      'No contract has record rules.',
    ),
  )
}

const NEXT: Readonly<Record<NonNullable<RuleStanding['next']> | 'none', string>> = {
  enforce: 'refuses nothing: may be enforced',
  wait: 'has met no record yet',
  mend: 'mend the rule or the data first',
  none: '',
}

/** Whether judging the raw topics again gives what was written. */
export async function validationVerify(context: CommandContext, topics: readonly string[]): Promise<void> {
  const verifications = await withTopics(context, topics, async ({ stores, registry, topics: chosen }) => {
    const found: Verification[] = []
    for (const topic of chosen)
      found.push(await withBar(topic, (onProgress) => verifyTopic(topic, { log: stores.log, registry, onProgress })))
    return found
  })
  print(context, verifications, (list) =>
    columns(
      ['topic', 'records', 'validated', 'dead letters', 'outcome'],
      list.map(({ topic, records, validated, deadLetters, difference }) => [
        topic,
        records,
        validated,
        deadLetters,
        difference === null ? 'the same' : `differs at ${difference.source}: ${difference.message}`,
      ]),
      'No contract is registered: covenant apply.',
    ),
  )
  if (verifications.some(({ difference }) => difference !== null)) process.exitCode = EXIT.failed
}

async function withBar<T>(
  topic: string,
  body: (onProgress: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  if (!process.stderr.isTTY) return body(() => undefined)
  const bar = new SingleBar({
    format: `${topic} [{bar}] {value}/{total}`,
    stream: process.stderr,
    clearOnComplete: true,
  })
  bar.start(1, 0)
  try {
    return await body((done, total) => {
      bar.setTotal(total)
      bar.update(done)
    })
  } finally {
    bar.stop()
  }
}

async function withTopics<T>(
  context: CommandContext,
  names: readonly string[],
  body: (place: Place) => Promise<T>,
): Promise<T> {
  return withStores(context, async (stores) => {
    const registry = registryOf(stores, systemClock)
    const known = (await registry.all()).map(({ contract }) => contract.topic)
    return body({ stores, registry, topics: pick('topic', known, (topic) => topic, names) })
  })
}
