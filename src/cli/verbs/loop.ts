import type { Command } from 'commander'
import { contextOf, examples, wholeNumber } from '../context.ts'

/** `dev`, `produce`, `run`. */
export function loopVerbs(program: Command): void {
  program
    .command('dev')
    .description('run the whole loop in one process, in real time, with its HTTP door')
    .option('--port <number>', 'port to listen on (0: any free one)', wholeNumber(0, 65_535), 7070)
    .addHelpText(
      'after',
      examples(
        'covenant dev --port 7070',
        `curl -H 'content-type: application/json' -d '{"station":"JFK"}' localhost:7070/topics/weather.observed`,
      ),
    )
    .action(async (options: { port: number }, command: Command) =>
      (await import('../commands/dev.ts')).dev(contextOf(command), options.port),
    )
  program
    .command('produce <topic> [file]')
    .description('append JSON events, one a line, from a file or standard input to a raw topic; see the wrong lines')
    .addHelpText(
      'after',
      examples(
        'covenant produce weather.observed events.ndjson',
        `echo '{"station":"JFK"}' | covenant produce weather.observed`,
      ),
    )
    .action(async (topic: string, file: string | undefined, _options, command: Command) =>
      (await import('../commands/produce.ts')).produce(contextOf(command), topic, file),
    )
  program
    .command('run <pipeline>')
    .description('ask for a run now (ad hoc) and wait for it; exit code 3 where a gate or the policy stops it')
    .option('--param <name=value...>', 'parameter of the pipeline; may be repeated')
    .addHelpText('after', examples('covenant run delay', 'covenant run delay --param rounds=50'))
    .action(async (pipeline: string, options: { param?: string[] }, command: Command) =>
      (await import('../commands/run.ts')).run(contextOf(command), pipeline, options.param ?? []),
    )
}
