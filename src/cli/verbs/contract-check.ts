import { type Command, Option } from 'commander'
import type { CheckVerbOptions } from '../commands/contract-check.ts'
import { contextOf, examples, wholeNumber } from '../context.ts'

/** `contract check`, `contract diff`, `contract impact`. */
export function checkVerbs(contract: Command): void {
  contract
    .command('check')
    .description('check changed contracts against a commit: compatible or not, who approves, what stands downstream')
    .option(
      '--base <ref>',
      'commit to compare with; main... for the merge base (default: that of origin/main or main, else HEAD)',
    )
    .addOption(
      new Option('--against <what>', 'compare with what is registered in the state folder, too').choices(['registry']),
    )
    .addOption(
      new Option('--format <name>', 'how to report').choices(['text', 'json', 'markdown', 'sarif', 'codeowners']),
    )
    .option('--time-machine', 'run the proposed versions over the retained records of the state folder, too')
    .option('--since <time>', 'time machine: only records since then, e.g. 30d or 2026-01-01')
    .option(
      '--limit <n>',
      'time machine: at most so many of the newest records of each partition',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option('-o, --output <file>', 'write the report to a file')
    .addHelpText(
      'after',
      `${examples(
        'covenant contract check',
        'covenant contract check --base origin/main... --format markdown -o comment.md',
        'covenant contract check --format sarif -o contracts.sarif',
        'covenant contract check --against registry --json',
        'covenant contract check --time-machine --since 30d',
      )}

Exit code 1 where the change must not be merged: a breaking change without a major version, a version that says too
little, a contract removed while it is relied on, an error in a contract file.`,
    )
    .action(async (options: CheckVerbOptions, command: Command) =>
      (await import('../commands/contract-check.ts')).contractCheck(contextOf(command), options),
    )
  contract
    .command('diff <from> <to>')
    .description('what changed between two versions: files, topic@version of the registry, topics of the project')
    .addHelpText(
      'after',
      `${examples(
        'covenant contract diff orders.placed@1.0.0 orders.placed',
        'covenant contract diff old.odcs.yaml contracts/orders.odcs.yaml --json',
      )}

Exit code 0 where they are equal, 1 where they differ.`,
    )
    .action(async (from: string, to: string, _options, command: Command) =>
      (await import('../commands/contract-diff.ts')).contractDiff(contextOf(command), from, to),
    )
  contract
    .command('impact <contract>')
    .description('what stands downstream of a contract, or of one of its fields (topic#field)')
    .addHelpText(
      'after',
      examples(
        'covenant contract impact weather.observed',
        'covenant contract impact weather.observed#pressure --json',
      ),
    )
    .action(async (name: string, _options, command: Command) =>
      (await import('../commands/contract-impact.ts')).contractImpact(contextOf(command), name),
    )
}
