import { openCovenant } from '../../runtime/index.ts'
import type { CommandContext } from '../context.ts'
import { columns, print } from '../print.ts'

/** Registers the project's contracts and deploys its pipelines; exit code 1 where a contract is refused. */
export async function apply(context: CommandContext, options: { readonly plan?: boolean }): Promise<void> {
  const covenant = await openCovenant(context)
  try {
    const result = await covenant.apply({ planOnly: options.plan ?? false })
    if (result.contracts.some(({ outcome }) => outcome === 'refused')) process.exitCode = 1
    print(context, { planOnly: options.plan ?? false, ...result }, () =>
      [
        columns(
          ['contract', 'version', 'outcome', 'why'],
          result.contracts.map((change) => [change.topic, change.version, change.outcome, change.message]),
          'The project has no contracts.',
        ),
        columns(
          ['pipeline', 'version', 'outcome'],
          result.pipelines.map(({ pipeline, version, outcome }) => [pipeline, version.slice(0, 12), outcome]),
          'The project has no pipelines.',
        ),
      ].join('\n\n'),
    )
  } finally {
    await covenant.close()
  }
}
