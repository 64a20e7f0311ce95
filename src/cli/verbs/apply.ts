import type { Command } from 'commander'
import { contextOf, examples } from '../context.ts'

/** `apply`. */
export function applyVerb(program: Command): void {
  program
    .command('apply')
    .description(
      'push contracts to databases, producers, the registry and the validators, and deploy pipelines; a push that stops is resumed by the next apply; exit code 1 where a contract is refused',
    )
    .option('--plan', 'show what would change, SQL included, and change nothing')
    .option('--accept', 'run migrations that were edited by hand')
    .option('--undo', 'take back a push that stopped half way')
    .option('--redrive', 'replay the open dead letters that the contracts now accept')
    .addHelpText(
      'after',
      examples('covenant apply --plan', 'covenant apply', 'covenant apply --undo', 'covenant apply --redrive'),
    )
    .action(
      async (options: { plan?: boolean; accept?: boolean; undo?: boolean; redrive?: boolean }, command: Command) =>
        (await import('../commands/apply.ts')).apply(contextOf(command), options),
    )
}

/** `contract migrate`. */
export function migrateVerb(contract: Command): void {
  contract
    .command('migrate [topics...]')
    .description('write the migrations of databases to the contracts as they are now, to be reviewed and committed')
    .option('--check', 'write nothing; exit code 1 where one is missing, or is not the one that follows')
    .option(
      '--baseline',
      'begin with the tables that the databases have already, where a contract has no migration yet',
    )
    .option('--drop-columns', 'also drop columns that a contract no longer has; else they stay')
    .option('--force', 'write those anew that were edited')
    .addHelpText(
      'after',
      examples(
        'covenant contract migrate',
        'covenant contract migrate shop.orders',
        'covenant contract migrate --check',
      ),
    )
    .action(
      async (
        topics: string[],
        options: { check?: boolean; baseline?: boolean; dropColumns?: boolean; force?: boolean },
        command: Command,
      ) => (await import('../commands/contract-migrate.ts')).contractMigrate(contextOf(command), topics, options),
    )
}
