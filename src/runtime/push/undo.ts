import { existsSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { CovenantError } from '../../kernel/index.ts'
import type { Push, PushedFile, PushStep, PushStore, RegistryStore } from '../../registry/index.ts'
import type { Project } from '../project.ts'
import { withDatabase } from './plan.ts'
import { replaceFile } from './replace-file.ts'
import { findOpenPush, goneTarget, record } from './run.ts'
import { databaseSchemas } from './targets.ts'

export interface UndoParts {
  readonly project: Project
  readonly store: PushStore
  readonly registered: RegistryStore
}

export interface UndoneStep {
  readonly target: string
  /** What was taken back, and files that were left because somebody edited them meanwhile. */
  readonly undone: readonly string[]
  readonly left: readonly string[]
}

/**
 * Takes back a push that was broken off, the last step first: databases by the down scripts of their migrations, which
 * refuse to lose rows, files by what they held before. It can be broken off and repeated too.
 *
 * @throws CovenantError `PUSH_NOT_UNDONE` where no push is open, or where it is registered: versions never change
 */
export async function undoPush(parts: UndoParts): Promise<readonly UndoneStep[]> {
  const open = await findOpenPush(parts.store)
  if (open === undefined) throw notUndone('No push was broken off, so there is nothing to take back.')
  if (await isRegistered(parts.registered, open))
    throw notUndone(
      'The contract versions are registered, and versions never change. covenant apply finishes the push.',
    )
  let push = open
  const undone: UndoneStep[] = []
  for (let index = push.steps.length - 1; index >= 0; index--) {
    const step = push.steps[index]!
    if (step.state === 'planned' || step.state === 'undone' || step.kind === 'registry') continue
    undone.push(await undoStep(parts, push, step))
    push = await record(parts, push, index, { state: 'undone' })
  }
  await parts.store.put({ ...push, state: 'undone' })
  return undone
}

/** The registration of a push is one transaction: one version of it that is there means that all are. */
async function isRegistered(registered: RegistryStore, { steps, contracts }: Push): Promise<boolean> {
  if (!steps.some(({ kind, state }) => kind === 'registry' && state !== 'planned')) return false
  for (const { id, version, hash } of contracts) if ((await registered.get(id, version))?.hash !== hash) return false
  return true
}

async function undoStep({ project }: UndoParts, push: Push, step: PushStep): Promise<UndoneStep> {
  if (step.kind === 'producers') return { target: step.target, ...restoreFiles(project.directory, step.files ?? []) }
  const schema = databaseSchemas(project).find(({ target }) => target === step.target)
  if (schema === undefined) throw goneTarget(step.target)
  const reverted = await withDatabase(schema, (database) => database.revert(push.id))
  return {
    target: step.target,
    undone: reverted.map(({ contractId, version }) => `${contractId} ${version}`),
    left: [],
  }
}

function restoreFiles(projectDir: string, files: readonly PushedFile[]): Pick<UndoneStep, 'undone' | 'left'> {
  const [undone, left]: [string[], string[]] = [[], []]
  for (const { path, before, after } of files.toReversed()) {
    const absolute = resolve(projectDir, path)
    if (existsSync(`${absolute}.covenant-tmp`)) rmSync(`${absolute}.covenant-tmp`)
    const now = existsSync(absolute) ? readFileSync(absolute, 'utf8') : null
    if (now === before) continue
    if (now !== after) {
      left.push(path)
      continue
    }
    if (before === null) rmSync(absolute)
    else replaceFile(absolute, before)
    undone.push(path)
  }
  return { undone, left }
}

function notUndone(message: string): CovenantError {
  return new CovenantError({ code: 'PUSH_NOT_UNDONE', message, remedy: 'Bring a change in a higher version instead.' })
}
