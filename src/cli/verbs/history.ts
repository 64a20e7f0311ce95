import type { Command } from 'commander'
import { contextOf, examples } from '../context.ts'

/** `status`, `sla`, `incidents`, `runs`, `models`, `signals`, `features`, `lineage`, `why`. */
export function historyVerbs(program: Command): void {
  program
    .command('status')
    .description('topics, publications, open alerts, the serving models')
    .addHelpText('after', examples('covenant status --json'))
    .action(async (_options, command: Command) => (await import('../commands/status.ts')).status(contextOf(command)))
  program
    .command('sla [contract]')
    .description(
      'service levels as evaluated last, with what is left of their error budgets; exit code 1 where one is missed',
    )
    .addHelpText('after', examples('covenant sla', 'covenant sla weather.observed --json'))
    .action(async (contract: string | undefined, _options, command: Command) =>
      (await import('../commands/sla.ts')).sla(contextOf(command), contract),
    )
  program
    .command('incidents')
    .description('broken promises: when they began, were found, told and repaired')
    .option('--open', 'only those that are open')
    .addHelpText('after', examples('covenant incidents', 'covenant incidents --open --json'))
    .action(async (options: { open?: boolean }, command: Command) =>
      (await import('../commands/sla.ts')).incidents(contextOf(command), options),
    )
  program
    .command('runs [id]')
    .description('runs of the pipelines, or one run with its steps, metrics and gates')
    .addHelpText('after', examples('covenant runs', 'covenant runs run-0a1b2c3d4e5f'))
    .action(async (id: string | undefined, _options, command: Command) =>
      (await import('../commands/runs.ts')).runs(contextOf(command), id),
    )
  program
    .command('models')
    .description('registered model versions and their aliases')
    .addHelpText('after', examples('covenant models'))
    .action(async (_options, command: Command) => (await import('../commands/models.ts')).models(contextOf(command)))
  program
    .command('signals')
    .description('the trigger ledger: every signal, what became of it and why')
    .addHelpText('after', examples('covenant signals'))
    .action(async (_options, command: Command) => (await import('../commands/signals.ts')).signals(contextOf(command)))
  program
    .command('features')
    .description('feature views and services of the project')
    .addHelpText('after', examples('covenant features'))
    .action(async (_options, command: Command) =>
      (await import('../commands/features.ts')).features(contextOf(command)),
    )
  program
    .command('lineage <node>')
    .description('what a thing was made from, or with --down what was made from it')
    .option('--down', 'walk downstream')
    .addHelpText(
      'after',
      examples('covenant lineage model:delay@3', 'covenant lineage contract:weather.observed@1.0.0 --down'),
    )
    .action(async (node: string, options: { down?: boolean }, command: Command) =>
      (await import('../commands/lineage.ts')).lineage(
        contextOf(command),
        node,
        options.down ? 'downstream' : 'upstream',
      ),
    )
  program
    .command('why <prediction>')
    .description('from one prediction back to model, run, features, contracts and the raw events')
    .addHelpText('after', examples('covenant why prediction-0a1b2c3d4e5f'))
    .action(async (prediction: string, _options, command: Command) =>
      (await import('../commands/why.ts')).why(contextOf(command), prediction),
    )
}
