import { join } from 'node:path'
import { generateProducers, type ProducerLanguage, type ProducerModule } from '../../contract/index.ts'
import { loadProject } from '../../runtime/project.ts'
import type { CommandContext } from '../context.ts'
import { writeNamedFile } from '../files.ts'
import { print } from '../print.ts'
import { pick } from './pick.ts'

/** Prints typed producers of the named contract topics, or of all; with `out` writes them, one file a contract. */
export async function contractCodegen(
  context: CommandContext,
  topics: readonly string[],
  { language, out }: { readonly language: ProducerLanguage; readonly out?: string },
): Promise<void> {
  const { contracts } = await loadProject(context.projectDir)
  const modules = generateProducers(
    pick('topic', contracts, ({ topic }) => topic, topics),
    language,
  )
  if (out === undefined) print(context, modules, (list) => list.map(({ code }) => code).join('\n'))
  else print(context, write(modules, out), (files) => files.map(({ file, topic }) => `${file}  (${topic})`).join('\n'))
}

function write(modules: readonly ProducerModule[], out: string) {
  return modules.map(({ contractId, version, topic, file, code }) => {
    const path = join(out, file)
    writeNamedFile(path, code)
    return { contractId, version, topic, file: path }
  })
}
