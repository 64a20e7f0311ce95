import { accessSync, constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf } from '../../kernel/index.ts'
import { checkInstallation, loadProject } from '../../runtime/index.ts'
import type { CommandContext } from '../context.ts'
import { print } from '../print.ts'

interface Finding {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

/** Checks what Covenant needs; exit code 1 where something is amiss. */
export async function doctor(context: CommandContext): Promise<void> {
  const findings: Finding[] = [
    ...(await checkInstallation()),
    await attempt('state folder', () => writable(context.stateDir)),
    await attempt('project', async () => {
      const project = await loadProject(context.projectDir)
      return `${project.config.name}: ${project.contracts.length} contracts, ${project.pipelines.length} pipelines`
    }),
  ]
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1
  print(context, findings, (list) =>
    list.map(({ name, ok, detail }) => `${ok ? '✓' : '✗'} ${name}: ${detail}`).join('\n'),
  )
}

async function attempt(name: string, check: () => string | Promise<string>): Promise<Finding> {
  try {
    return { name, ok: true, detail: await check() }
  } catch (thrown) {
    return { name, ok: false, detail: messageOf(thrown) }
  }
}

function writable(folder: string): string {
  let nearest = folder
  while (!existsSync(nearest)) nearest = dirname(nearest)
  accessSync(nearest, constants.W_OK)
  return folder
}
