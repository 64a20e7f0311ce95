import type { Command } from 'commander'
import { contextOf, examples } from '../context.ts'

/** `validation versions`, `validation rules`, `validation verify`. */
export function validationVerbs(program: Command): void {
  const validation = program
    .command('validation')
    .description('how raw records are judged, and whether that can be repeated')
  validation
    .command('versions [topics...]')
    .description('from which raw offset on each contract version holds')
    .addHelpText('after', examples('covenant validation versions flights.arrived'))
    .action(async (topics: string[], _options, command: Command) =>
      (await import('../commands/validation.ts')).validationVersions(contextOf(command), topics),
    )
  validation
    .command('rules [topics...]')
    .description(
      'record rules with their stage, and of how many records those that are not enforced would have refused',
    )
    .addHelpText('after', examples('covenant validation rules', 'covenant validation rules flights.arrived --json'))
    .action(async (topics: string[], _options, command: Command) =>
      (await import('../commands/validation.ts')).validationRules(contextOf(command), topics),
    )
  validation
    .command('verify [topics...]')
    .description(
      'judge every raw record again and compare byte for byte with what was written; exit code 1 where something differs',
    )
    .addHelpText('after', examples('covenant validation verify', 'covenant validation verify flights.arrived --json'))
    .action(async (topics: string[], _options, command: Command) =>
      (await import('../commands/validation.ts')).validationVerify(contextOf(command), topics),
    )
}
