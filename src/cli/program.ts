import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { contextOf, type GlobalOptions } from './context.ts'

/** The command line of Covenant. Verbs are loaded when they are called, so that `--help` answers at once. */
export function buildProgram(): Command {
  const program = new Command('covenant')
    .description('Data contracts, validated streams, features and gated continuous training: one loop, one program.')
    .version(packageVersion())
    .option('-p, --project <dir>', 'folder with covenant.config.ts', '.')
    .option('-s, --state <dir>', 'folder that holds all state (default: <project>/.covenant)')
    .option('--json', 'print one JSON document instead of text')
    .showHelpAfterError('(add --help for usage)')
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `
Examples:
  covenant contract lint                        check every contract of the project
  covenant apply                                register contracts, deploy pipelines
  covenant produce flights.arrived events.ndjson
  covenant dlq list                             why records were refused, by fingerprint
  covenant run delay                            train now, behind the gates
  covenant why prediction-0a1b2c3d4e5f          from a prediction back to the raw events
  covenant dev --port 7070                      the whole loop in one process`,
    )
  contractVerbs(program)
  loopVerbs(program)
  historyVerbs(program)
  return program
}

function contractVerbs(program: Command): void {
  const contract = program.command('contract').description('check and compile data contracts')
  contract
    .command('lint [files...]')
    .description('report every problem of the contracts, with line and column')
    .addHelpText('after', '\nExample:\n  covenant contract lint contracts/flights.arrived.odcs.yaml')
    .action(async (files: string[], _options, command: Command) =>
      (await import('./commands/contract-lint.ts')).contractLint(context(command), files),
    )
  contract
    .command('codegen [topics...]')
    .description('print typed producer code (TypeScript) of the contracts')
    .addHelpText('after', '\nExample:\n  covenant contract codegen flights.arrived > producers/flights-arrived.ts')
    .action(async (topics: string[], _options, command: Command) =>
      (await import('./commands/contract-codegen.ts')).contractCodegen(context(command), topics),
    )
  program
    .command('apply')
    .description('register contracts and deploy pipelines: all of it, or none')
    .option('--plan', 'show what would change, and change nothing')
    .action(async (options: { plan?: boolean }, command: Command) =>
      (await import('./commands/apply.ts')).apply(context(command), options),
    )
}

function loopVerbs(program: Command): void {
  program
    .command('dev')
    .description('run the whole loop in one process, in real time, with its HTTP door')
    .option('--port <number>', 'port to listen on (0: any free one)', '7070')
    .action(async (options: { port: string }, command: Command) =>
      (await import('./commands/dev.ts')).dev(context(command), Number(options.port)),
    )
  program
    .command('produce <topic> [file]')
    .description('append JSON events (one a line, from a file or standard input) to a raw topic')
    .addHelpText('after', '\nExample:\n  echo \'{"station":"JFK"}\' | covenant produce weather.observed')
    .action(async (topic: string, file: string | undefined, _options, command: Command) =>
      (await import('./commands/produce.ts')).produce(context(command), topic, file),
    )
  const dlq = program.command('dlq').description('look at dead letters')
  dlq
    .command('list [topics...]')
    .description('dead letters by fingerprint, with the reason')
    .action(async (topics: string[], _options, command: Command) =>
      (await import('./commands/dlq.ts')).dlqList(context(command), topics),
    )
  dlq
    .command('show <fingerprint>')
    .description('dead letters of one fingerprint: violations, source offset, original bytes')
    .option('-n, --limit <number>', 'how many', '3')
    .action(async (fingerprint: string, options: { limit: string }, command: Command) =>
      (await import('./commands/dlq.ts')).dlqShow(context(command), fingerprint, Number(options.limit)),
    )
  program
    .command('run <pipeline>')
    .description('ask for a run now (ad hoc) and wait for it')
    .option('--param <name=value...>', 'parameter of the pipeline; may be repeated')
    .action(async (pipeline: string, options: { param?: string[] }, command: Command) =>
      (await import('./commands/run.ts')).run(context(command), pipeline, options.param ?? []),
    )
  program
    .command('doctor')
    .description('check what Covenant needs: Node, Python, DuckDB, the state folder, the project')
    .action(async (_options, command: Command) => (await import('./commands/doctor.ts')).doctor(context(command)))
}

function historyVerbs(program: Command): void {
  program
    .command('status')
    .description('topics, publications, open alerts, the serving models')
    .action(async (_options, command: Command) => (await import('./commands/status.ts')).status(context(command)))
  program
    .command('runs [id]')
    .description('runs of the pipelines, or one run with its steps, metrics and gates')
    .action(async (id: string | undefined, _options, command: Command) =>
      (await import('./commands/runs.ts')).runs(context(command), id),
    )
  program
    .command('models')
    .description('registered model versions and their aliases')
    .action(async (_options, command: Command) => (await import('./commands/models.ts')).models(context(command)))
  program
    .command('signals')
    .description('the trigger ledger: every signal, what became of it and why')
    .action(async (_options, command: Command) => (await import('./commands/signals.ts')).signals(context(command)))
  program
    .command('features')
    .description('feature views and services of the project')
    .action(async (_options, command: Command) => (await import('./commands/features.ts')).features(context(command)))
  program
    .command('lineage <node>')
    .description('what a thing was made from, or with --down what was made from it')
    .option('--down', 'walk downstream')
    .addHelpText(
      'after',
      '\nExample:\n  covenant lineage model:delay@3\n  covenant lineage contract:weather.observed@1.0.0 --down',
    )
    .action(async (node: string, options: { down?: boolean }, command: Command) =>
      (await import('./commands/lineage.ts')).lineage(context(command), node, options.down ? 'downstream' : 'upstream'),
    )
  program
    .command('why <prediction>')
    .description('from one prediction back to model, run, features, contracts and the raw events')
    .action(async (prediction: string, _options, command: Command) =>
      (await import('./commands/why.ts')).why(context(command), prediction),
    )
}

function context(command: Command) {
  return contextOf(command.optsWithGlobals<GlobalOptions>())
}

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
