import type { Command } from 'commander'
import { contextOf, examples } from '../context.ts'

/** `topic resume`. */
export function topicVerbs(program: Command): void {
  const topic = program.command('topic').description('let paused topics go on')
  topic
    .command('resume <topic>')
    .description('let the validation of a topic go on that the breaker of its contract paused; see covenant status')
    .option('--accept', 'take the batch that paused it as it is, its dead letters included')
    .addHelpText('after', examples('covenant topic resume orders', 'covenant topic resume orders --accept'))
    .action(async (name: string, options: { accept?: boolean }, command: Command) =>
      (await import('../commands/topic-resume.ts')).topicResume(contextOf(command), name, options),
    )
}
