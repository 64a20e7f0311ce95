import { type Command, Option } from 'commander'
import type { ImportFlags, InferFlags } from '../commands/contract-import.ts'
import { contextOf, examples } from '../context.ts'

/** `contract import`, `contract infer`. */
export function importVerbs(contract: Command): void {
  contract
    .command('import <file>')
    .description('draft contracts from a schema in another format; what is not carried over is told on standard error')
    .addOption(
      new Option('--from <format>', 'format of the file, where its name does not say it').choices([
        'json-schema',
        'avro',
        'protobuf',
        'sql',
        'dbt',
        'parquet',
      ]),
    )
    .option('--only <name>', 'one table of SQL, one message of a .proto file, one model of a dbt file')
    .option('--topic <name>', 'topic of the draft (default: the name that the source gives)')
    .option('-o, --output <folder>', 'write one file a draft, instead of printing')
    .addHelpText(
      'after',
      examples(
        'covenant contract import order.avsc > contracts/orders.odcs.yaml',
        'covenant contract import shop.sql -o contracts',
        'covenant contract import events.proto --only OrderPlaced --topic orders.placed',
        'covenant contract import target/manifest.json --from dbt -o contracts',
      ),
    )
    .action(async (file: string, options: ImportFlags, command: Command) =>
      (await import('../commands/contract-import.ts')).contractImport(contextOf(command), file, options),
    )
  contract
    .command('infer <source>')
    .description('draft a contract from records: a raw topic of the state folder, a file, a database table')
    .addOption(
      new Option('--format <format>', 'what the source is, where its name does not say it').choices([
        'csv',
        'json',
        'parquet',
        'duckdb',
        'postgres',
      ]),
    )
    .option('--table <name>', 'table of a database (default: its name, or the file name without ending)')
    .option('--tight', 'make the bounds that were seen rules')
    .option('--topic <name>', 'topic of the draft')
    .option('-o, --output <folder>', 'write a file, instead of printing')
    .addHelpText(
      'after',
      examples(
        'covenant contract infer orders.placed -o contracts',
        'covenant contract infer events.ndjson --topic orders.placed',
        'covenant contract infer flights.parquet --tight',
      ),
    )
    .action(async (source: string, options: InferFlags, command: Command) =>
      (await import('../commands/contract-import.ts')).contractInfer(contextOf(command), source, options),
    )
}
