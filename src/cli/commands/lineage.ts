import { CovenantError } from '../../kernel/index.ts'
import type { LineageNode } from '../../metadata/index.ts'
import { openStores } from '../../runtime/index.ts'
import type { CommandContext } from '../context.ts'
import { columns, print } from '../print.ts'

/** Walks the lineage graph from `kind:id`. */
export async function lineage(
  context: CommandContext,
  node: string,
  direction: 'upstream' | 'downstream',
): Promise<void> {
  const stores = await openStores({ stateDir: context.stateDir })
  try {
    const edges = await stores.lineage.walk(parseNode(node), direction)
    print(context, edges, (list) =>
      columns(
        ['from', '', 'to'],
        list.map(({ from, to }) => [`${from.kind}:${from.id}`, '→', `${to.kind}:${to.id}`]),
        `Nothing is known ${direction} of ${node}.`,
      ),
    )
  } finally {
    await stores.close()
  }
}

function parseNode(text: string): LineageNode {
  const [, kind, id] = /^([a-z-]+):(.+)$/.exec(text) ?? []
  if (!kind || !id)
    throw new CovenantError({
      code: 'CLI_OPTION_INVALID',
      message: `A lineage node is written kind:id, not ${text}.`,
      remedy: 'For example model:delay@3, run:run-0a1b2c3d4e5f, contract:weather.observed@1.0.0.',
    })
  return { kind: kind as LineageNode['kind'], id }
}
