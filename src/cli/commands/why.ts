import { openCovenant } from '../../runtime/index.ts'
import type { CommandContext } from '../context.ts'
import { print } from '../print.ts'

/** Explains one prediction: model, run, data, features and raw events. */
export async function why(context: CommandContext, prediction: string): Promise<void> {
  const covenant = await openCovenant(context)
  try {
    const explanation = await covenant.why(prediction)
    print(context, explanation, ({ lines }) => lines.join('\n'))
  } finally {
    await covenant.close()
  }
}
