import type { Command } from 'commander'
import type { ReplayOptions, StateOptions } from '../commands/dlq-options.ts'
import { contextOf, examples, wholeNumber } from '../context.ts'

/** `dlq list`, `dlq show`, `dlq replay`, `dlq discard`, `dlq reopen`. */
export function deadLetterVerbs(program: Command): void {
  const dlq = program
    .command('dlq')
    .description('look at dead letters, replay or discard them; also beside covenant dev')
  lookingVerbs(dlq)
  replayVerb(dlq)
  stateVerb(dlq, 'discard', 'mark open dead letters as done with; they stay in the log, and reopen takes it back')
  stateVerb(dlq, 'reopen', 'open dead letters again that were discarded or superseded by a newer record of their key')
}

function lookingVerbs(dlq: Command): void {
  dlq
    .command('list [topics...]')
    .description('dead letters by fingerprint, with the reason and how many are in each state')
    .addHelpText('after', examples('covenant dlq list', 'covenant dlq list flights.arrived'))
    .action(async (topics: string[], _options, command: Command) =>
      (await import('../commands/dlq.ts')).dlqList(contextOf(command), topics),
    )
  dlq
    .command('show <which>')
    .description('dead letters of one fingerprint, or the one of a record: violations, original bytes, history, patch')
    .option('-n, --limit <number>', 'how many', wholeNumber(1, 1_000_000), 3)
    .addHelpText(
      'after',
      examples('covenant dlq show 2f5cace29349 --limit 1', 'covenant dlq show flights.arrived.raw/0/81042'),
    )
    .action(async (which: string, options: { limit: number }, command: Command) =>
      (await import('../commands/dlq.ts')).dlqShow(contextOf(command), which, options.limit),
    )
}

function replayVerb(dlq: Command): void {
  filtered(
    dlq
      .command('replay [topics...]')
      .description(
        'hold open dead letters against the current contract, and with --execute send those that pass again',
      ),
  )
    .option('--execute', 'send them; without it nothing is written')
    .option('-y, --yes', 'the same as --execute')
    .option('--dry-run', 'only say what would pass, by fingerprint, with examples (the default)')
    .option('--patch <jsonata>', 'expression over the JSON value that gives the new value')
    .option('--patch-file <file>', 'file that holds such an expression')
    .option('--force', 'also letters of which a newer record of the key was validated already')
    .option('--all', 'also letters that the current contract still refuses')
    .option('-n, --limit <number>', 'how many of each topic', wholeNumber(1, 1_000_000_000))
    .option('--reason <text>', 'why; kept with the letters')
    .addHelpText(
      'after',
      examples(
        'covenant dlq replay',
        'covenant dlq replay flights.arrived --fingerprint 2f5cace29349 --execute',
        `covenant dlq replay orders --patch '$merge([$, {"amount": amount / 100}])' --execute`,
      ),
    )
    .action(async (topics: string[], options: ReplayOptions, command: Command) =>
      (await import('../commands/dlq-replay.ts')).dlqReplay(contextOf(command), topics, options),
    )
}

function stateVerb(dlq: Command, name: 'discard' | 'reopen', description: string): void {
  filtered(dlq.command(`${name} [topics...]`).description(description))
    .requiredOption('--reason <text>', 'why; kept with the letters')
    .option('--dry-run', 'only say how many')
    .addHelpText('after', examples(`covenant dlq ${name} --fingerprint 2f5cace29349 --reason 'test data'`))
    .action(async (topics: string[], options: StateOptions, command: Command) =>
      (await import('../commands/dlq-state.ts')).dlqState(contextOf(command), name, topics, options),
    )
}

function filtered(command: Command): Command {
  return command
    .option('--fingerprint <fingerprint>', 'only those that broke the same rules')
    .option('--source <place...>', 'only these: raw record or dead letter, e.g. orders.raw/0/17 or orders.dlq/0/3')
}
