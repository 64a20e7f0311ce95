import { type Command, Option } from 'commander'
import type { ContractTestFlags } from '../commands/contract-test.ts'
import { contextOf, examples, wholeNumber } from '../context.ts'

/** `contract test`. */
export function contractTestVerb(contract: Command): void {
  contract
    .command('test <contract>')
    .description('test data against a contract (a file, or a topic of the project); exit code 1 where a check fails')
    .option('-d, --data <path>', 'CSV, JSON, Parquet (globs too), DuckDB file, or a postgres:// address')
    .addOption(
      new Option('--format <format>', 'what the data is, where its name does not say it').choices([
        'csv',
        'json',
        'parquet',
        'duckdb',
        'postgres',
      ]),
    )
    .option(
      '--server <name>',
      "one of the contract's servers: local, s3, duckdb, postgres; kafka is the state's raw topic",
    )
    .addOption(new Option('--topic <which>', "the contract's topic in the state folder").choices(['raw', 'validated']))
    .option('--table <name>', 'table of a database (default: the physicalName of the schema object)')
    .option('--schema <object>', 'the schema object, where the contract file has several')
    .option('--show <number>', 'failing rows to show for each check', wholeNumber(0, 10_000), 3)
    .option('--failed-rows <file>', 'write all rows that break the schema or a record rule: .parquet, .csv, .ndjson')
    .option('--junit <file>', 'write the result as JUnit XML')
    .option('--results <file>', 'write the result as JSON with the status words of OORS')
    .addOption(
      new Option('--fail-on <severity>', 'the least that fails the test')
        .choices(['error', 'warning'])
        .default('error'),
    )
    .addHelpText(
      'after',
      examples(
        'covenant contract test flights.arrived --data arrived.parquet',
        "covenant contract test contracts/orders.odcs.yaml --data 'exports/*.csv' --show 10",
        'covenant contract test orders.placed --server warehouse --fail-on warning --junit report.xml',
        'covenant contract test flights.arrived --topic raw --json',
      ),
    )
    .action(async (name: string, options: ContractTestFlags, command: Command) =>
      (await import('../commands/contract-test.ts')).contractTest(contextOf(command), name, options),
    )
}
