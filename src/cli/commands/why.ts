import type { CommandContext } from '../context.ts'
import { print } from '../print.ts'
import { refuseNoState, withCovenant } from '../state.ts'

/** Explains one prediction: model, run, data, features and raw events. */
export async function why(context: CommandContext, prediction: string): Promise<void> {
  refuseNoState(context.stateDir)
  const explanation = await withCovenant(context, (covenant) => covenant.why(prediction))
  print(context, explanation, ({ lines }) => lines.join('\n'))
}
