import { CovenantError } from '../../kernel/index.ts'
import type { LineageNode } from '../../metadata/index.ts'
import type { CommandContext } from '../context.ts'
import { columns, print } from '../print.ts'
import { withStores } from '../state.ts'

/** What a node can be, each with the form of its id. */
const KINDS: Readonly<Record<LineageNode['kind'], string>> = {
  contract: 'contract:weather.observed@1.0.0',
  topic: 'topic:weather.observed.validated',
  snapshot: 'snapshot:weather_observed@32',
  table: 'table:lake.weather_observed',
  'feature-view': 'feature-view:weather_now@0a1b2c3d4e5f',
  dataset: 'dataset:delay.training_set.train@0a1b2c3d4e5f',
  pipeline: 'pipeline:delay@0a1b2c3d4e5f',
  run: 'run:run-0a1b2c3d4e5f',
  model: 'model:delay@3',
  endpoint: 'endpoint:delay',
}

type Direction = 'upstream' | 'downstream'

/** Walks the lineage graph from `kind:id`. */
export async function lineage(context: CommandContext, text: string, direction: Direction): Promise<void> {
  const node = parseNode(text)
  const edges = await withStores(context, async ({ lineage }) => {
    const found = await lineage.walk(node, direction)
    const other = direction === 'upstream' ? 'downstream' : 'upstream'
    if (found.length === 0 && (await lineage.walk(node, other)).length === 0) throw unknown(text, context.stateDir)
    return found
  })
  print(context, edges, (list) =>
    columns(
      ['from', '', 'to'],
      list.map(({ from, to }) => [`${from.kind}:${from.id}`, '→', `${to.kind}:${to.id}`]),
      `Nothing lies ${direction} of ${text}.`,
    ),
  )
}

function parseNode(text: string): LineageNode {
  const [, kind = '', id] = /^([a-z-]+):(.+)$/.exec(text) ?? []
  if (id && Object.hasOwn(KINDS, kind)) return { kind: kind as LineageNode['kind'], id }
  throw new CovenantError({
    code: 'CLI_OPTION_INVALID',
    message: `A lineage node is written kind:id, not ${text}.`,
    remedy: `For example ${Object.values(KINDS).join(', ')}.`,
  })
}

function unknown(text: string, where: string): CovenantError {
  return new CovenantError({
    code: 'PROJECT_NAME_UNKNOWN',
    message: `The lineage of this state has no ${text}.`,
    where,
    remedy: 'covenant models, covenant runs and covenant status show what there is.',
  })
}
