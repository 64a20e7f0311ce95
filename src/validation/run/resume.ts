import { type Clock, CovenantError } from '../../kernel/index.ts'
import type { Pause, PauseStore } from '../ports.ts'

export interface ResumeRequest {
  /** Take the batch that stopped the topic, its dead letters included; else it is judged again, and may stop it again. */
  readonly accept: boolean
  readonly actor: string
}

/**
 * Lets the validation of a paused topic go on. The next run of validation takes it up; repeating this changes nothing
 * but who did it.
 *
 * @throws `VALIDATION_NOT_PAUSED`
 */
export async function resumeTopic(
  { pauses, clock }: { readonly pauses: PauseStore; readonly clock: Clock },
  topic: string,
  { accept, actor }: ResumeRequest,
): Promise<Pause> {
  const pause = await pauses.pause(topic)
  if (pause === undefined)
    throw new CovenantError({
      code: 'VALIDATION_NOT_PAUSED',
      message: `The validation of ${topic} is not paused.`,
      where: topic,
      remedy: 'covenant status shows which topics are.',
    })
  const resumed = { ...pause, resumed: { accept, actor, at: clock.now() } }
  await pauses.put(resumed)
  return resumed
}
