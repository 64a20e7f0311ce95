import { type Command, Option } from 'commander'
import { contextOf, examples } from '../context.ts'
import { applyVerb, migrateVerb } from './apply.ts'
import { checkVerbs } from './contract-check.ts'
import { importVerbs } from './contract-import.ts'
import { contractTestVerb } from './contract-test.ts'

/** `contract lint`, `contract format`, `contract schema`, `contract codegen`, `apply`, `deploy`. */
export function contractVerbs(program: Command): void {
  const contract = program.command('contract').description('check and compile data contracts')
  contract
    .command('lint [files...]')
    .description('report every problem of the contracts, with line and column; exit code 1 where one is an error')
    .addHelpText(
      'after',
      examples('covenant contract lint', 'covenant contract lint contracts/orders.odcs.yaml --json'),
    )
    .action(async (files: string[], _options, command: Command) =>
      (await import('../commands/contract-lint.ts')).contractLint(contextOf(command), files),
    )
  contractTestVerb(contract)
  contract
    .command('format [files...]')
    .description('bring contracts to ODCS 3.2 and one order of keys; comments stay')
    .option('--check', 'only tell which files would change; exit code 1 where one would')
    .option('--write', 'write the files, all or none')
    .addHelpText(
      'after',
      examples(
        'covenant contract format contracts/orders.odcs.yaml',
        'covenant contract format --check',
        'covenant contract format --write',
      ),
    )
    .action(async (files: string[], options: { check?: boolean; write?: boolean }, command: Command) =>
      (await import('../commands/contract-format.ts')).contractFormat(contextOf(command), files, options),
    )
  contract
    .command('schema [property]')
    .description("print the JSON schema of one of Covenant's custom properties, or name them all")
    .addHelpText('after', examples('covenant contract schema', 'covenant contract schema covenant.stream'))
    .action(async (property: string | undefined, _options, command: Command) =>
      (await import('../commands/contract-schema.ts')).contractSchema(contextOf(command), property),
    )
  contract
    .command('codegen [topics...]')
    .description('typed producer code of the contracts: printed, or written to a folder')
    .addOption(
      new Option('--language <language>', 'of the code').choices(['typescript', 'python']).default('typescript'),
    )
    .option('-o, --out <folder>', 'write one file a contract instead of printing')
    .addHelpText(
      'after',
      examples(
        'covenant contract codegen flights.arrived > producers/flights-arrived.ts',
        'covenant contract codegen --language python --out producers',
      ),
    )
    .action(async (topics: string[], options: { language: 'typescript' | 'python'; out?: string }, command: Command) =>
      (await import('../commands/contract-codegen.ts')).contractCodegen(contextOf(command), topics, options),
    )
  checkVerbs(contract)
  importVerbs(contract)
  migrateVerb(contract)
  applyVerb(program)
  program
    .command('deploy [pipelines...]')
    .description('freeze pipelines and make them the versions that runs execute; contracts must be registered')
    .addHelpText('after', examples('covenant deploy', 'covenant deploy delay'))
    .action(async (pipelines: string[], _options, command: Command) =>
      (await import('../commands/deploy.ts')).deploy(contextOf(command), pipelines),
    )
}
