import { CovenantError, type Json } from '../../kernel/index.ts'
import type { Covenant } from '../../runtime/index.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { refuseNoState, withCovenant } from '../state.ts'

/**
 * Asks for a run through the trigger policy and waits for it. Exit code 1 where it failed, 3 where a gate stopped it or
 * the policy did not start it.
 */
export async function run(context: CommandContext, pipeline: string, params: readonly string[]): Promise<void> {
  const values = Object.fromEntries(params.map(parameter))
  refuseNoState(context.stateDir)
  await withCovenant(context, async (covenant) => {
    await refuseUndeployed(covenant, pipeline)
    const { stores, loop, clock } = covenant
    const { signal } = await covenant.ask(pipeline, values)
    await loop.begin(clock.now())
    await loop.tick()
    const decided = (await stores.ledger.entries(pipeline)).find((entry) => entry.signal.id === signal.id)
    const result = decided?.runId ? ((await stores.runs.run(decided.runId)) ?? null) : null
    if (result?.outcome === 'failed') process.exitCode = EXIT.failed
    else if (result?.outcome !== 'succeeded') process.exitCode = EXIT.stopped
    print(context, { signal: decided ?? null, run: result }, () =>
      result
        ? `${result.id} ${result.outcome ?? 'running'}${result.reason ? `: ${result.reason}` : ''}`
        : `No run was started: ${decided?.outcome ?? 'waiting'}, ${decided?.reason}`,
    )
  })
}

async function refuseUndeployed({ stores, project }: Covenant, pipeline: string): Promise<void> {
  if (await stores.pipelines.deployed(pipeline)) return
  const known = project.pipelines.map(({ name }) => name)
  throw new CovenantError({
    code: 'PROJECT_NAME_UNKNOWN',
    message: known.includes(pipeline)
      ? `The pipeline ${pipeline} is not deployed yet.`
      : `There is no pipeline ${pipeline}.`,
    where: project.directory,
    remedy: known.includes(pipeline) ? 'Deploy it: covenant apply.' : `Known: ${known.join(', ') || 'none'}.`,
  })
}

function parameter(text: string): [string, Json] {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw new CovenantError({
      code: 'CLI_OPTION_INVALID',
      message: `--param takes name=value, not ${text}.`,
      remedy: 'For example --param rounds=50.',
    })
  try {
    return [name, JSON.parse(value) as Json]
  } catch {
    return [name, value]
  }
}
