import { openStores } from '../../runtime/index.ts'
import type { CommandContext } from '../context.ts'
import { columns, moment, print } from '../print.ts'

/** Model versions with the aliases that point at them. */
export async function models(context: CommandContext): Promise<void> {
  const stores = await openStores({ stateDir: context.stateDir })
  try {
    const current = new Map<string, number>()
    for (const { model, alias, version } of await stores.models.aliasHistory())
      current.set(`${model}\u0000${alias}`, version)
    const list = (await stores.models.versions()).map((version) => ({
      ...version,
      aliases: [...current]
        .filter(([key, pointed]) => key.startsWith(`${version.model}\u0000`) && pointed === version.version)
        .map(([key]) => key.split('\u0000')[1] ?? ''),
    }))
    print(context, list, (versions) =>
      columns(
        ['model', 'version', 'aliases', 'registered', 'run', 'metrics'],
        versions.map((version) => [
          version.model,
          version.version,
          version.aliases.join(', '),
          moment(version.createdAt),
          version.runId,
          Object.entries(version.metrics)
            .map(([name, value]) => `${name}=${value.toFixed(4)}`)
            .join(' '),
        ]),
        'No model is registered.',
      ),
    )
  } finally {
    await stores.close()
  }
}
