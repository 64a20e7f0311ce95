import { CovenantError, type Json } from '../../kernel/index.ts'
import { openCovenant } from '../../runtime/index.ts'
import type { CommandContext } from '../context.ts'
import { print } from '../print.ts'

/** Asks for a run through the trigger policy and waits for it; exit code 1 where it failed, 3 where a gate stopped it. */
export async function run(context: CommandContext, pipeline: string, params: readonly string[]): Promise<void> {
  const covenant = await openCovenant(context)
  try {
    const entry = await covenant.ask(pipeline, Object.fromEntries(params.map(parameter)))
    await covenant.loop.tick()
    const decided = (await covenant.stores.ledger.entries(pipeline)).find(({ signal }) => signal.id === entry.signal.id)
    const result = decided?.runId ? await covenant.stores.runs.run(decided.runId) : undefined
    if (result?.outcome === 'failed') process.exitCode = 1
    if (result?.outcome === 'aborted' || result?.outcome === 'rejected') process.exitCode = 3
    print(context, { signal: decided, run: result ?? null }, () =>
      result
        ? `${result.id} ${result.outcome}${result.reason ? `: ${result.reason}` : ''}`
        : `No run was started: ${decided?.outcome}, ${decided?.reason}`,
    )
  } finally {
    await covenant.close()
  }
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
