import { compileTypeScript } from '../../contract/index.ts'
import { loadProject } from '../../runtime/project.ts'
import type { CommandContext } from '../context.ts'
import { print } from '../print.ts'
import { pick } from './pick.ts'

/** Prints TypeScript for the producers of the named contract topics, or of all. */
export async function contractCodegen(context: CommandContext, topics: readonly string[]): Promise<void> {
  const { contracts } = await loadProject(context.projectDir)
  const chosen = pick('topic', contracts, ({ topic }) => topic, topics)
  const files = chosen.map((contract) => ({
    topic: contract.topic,
    version: contract.version,
    code: compileTypeScript(contract),
  }))
  print(context, files, (list) => list.map(({ code }) => code).join('\n'))
}
