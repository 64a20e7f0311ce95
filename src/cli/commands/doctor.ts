import { existsSync, mkdtempSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CovenantError, messageOf } from '../../kernel/index.ts'
import { checkInstallation, type InstallationFinding } from '../../runtime/installation.ts'
import { loadProject } from '../../runtime/project.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'

/** Checks what Covenant needs; exit code 1 where something is amiss. */
export async function doctor(context: CommandContext): Promise<void> {
  const findings: InstallationFinding[] = [
    ...checkInstallation(),
    await attempt('state folder', () => writable(context.stateDir)),
    await attempt('project', async () => {
      const project = await loadProject(context.projectDir)
      return `${project.config.name}: ${project.contracts.length} contracts, ${project.pipelines.length} pipelines`
    }),
  ]
  if (findings.some(({ ok }) => !ok)) process.exitCode = EXIT.failed
  print(context, findings, (list) =>
    list.map(({ name, ok, detail }) => `${ok ? '✓' : '✗'} ${name}: ${detail}`).join('\n'),
  )
}

async function attempt(name: string, check: () => string | Promise<string>): Promise<InstallationFinding> {
  try {
    return { name, ok: true, detail: await check() }
  } catch (thrown) {
    return { name, ok: false, detail: thrown instanceof CovenantError ? thrown.toLine() : messageOf(thrown) }
  }
}

/** Tries it: permissions alone do not tell of a file system that is mounted read-only. */
function writable(folder: string): string {
  let nearest = folder
  while (!existsSync(nearest)) nearest = dirname(nearest)
  try {
    rmdirSync(mkdtempSync(join(nearest, '.covenant-probe-')))
  } catch (cause) {
    throw new CovenantError({
      code: 'STATE_NOT_WRITABLE',
      message: `It cannot be written: ${messageOf(cause)}.`,
      where: folder,
      remedy: 'Give a folder that you may write to with --state DIR.',
      cause,
    })
  }
  return existsSync(folder) ? folder : `${folder} (not there yet)`
}
