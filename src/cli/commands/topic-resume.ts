import { systemClock } from '../../kernel/index.ts'
import { registryOf } from '../../runtime/index.ts'
import { resumeTopic } from '../../validation/index.ts'
import { actor } from '../actor.ts'
import type { CommandContext } from '../context.ts'
import { print } from '../print.ts'
import { withStores } from '../state.ts'
import { pick } from './pick.ts'

/** Lets a paused topic go on; works beside the process that runs the loop, whose next tick takes it up. */
export async function topicResume(
  context: CommandContext,
  topic: string,
  { accept = false }: { readonly accept?: boolean },
): Promise<void> {
  const pause = await withStores(context, async (stores) => {
    const known = (await registryOf(stores, systemClock).all()).map(({ contract }) => contract.topic)
    pick('topic', known, (name) => name, [topic])
    return resumeTopic({ pauses: stores.pauses, clock: systemClock }, topic, { accept, actor: actor() })
  })
  print(context, pause, ({ violating, records, fromOffset }) =>
    accept
      ? `The next tick takes the ${records} records of ${topic}.raw from offset ${fromOffset} on; ${violating} become dead letters.`
      : `The next tick judges ${topic}.raw from offset ${fromOffset} on again, and pauses it again if it is still too bad.`,
  )
}
