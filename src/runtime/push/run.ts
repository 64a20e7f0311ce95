import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Contract } from '../../contract/index.ts'
import { type Clock, CovenantError, messageOf, stableId } from '../../kernel/index.ts'
import type { Push, PushStep, PushStore } from '../../registry/index.ts'
import type { Project } from '../project.ts'
import { hasChanges, type TargetPlan, withDatabase } from './plan.ts'
import { replaceFile } from './replace-file.ts'

export interface PushParts {
  readonly project: Project
  readonly store: PushStore
  readonly clock: Clock
  /** Registers the contracts and so activates their validators; the last step, because it cannot be taken back. */
  readonly register: () => Promise<void>
  readonly onProgress?: (progress: PushProgress) => void
}

/** Told before and after everything that a push does. */
export interface PushProgress {
  readonly target: string
  readonly at: 'recorded' | 'started' | 'file' | 'changed' | 'done'
  readonly stepsDone: number
  readonly steps: number
}

/**
 * Pushes to all targets, or resumes the push that was broken off. Each step is done whole or not at all, and doing it
 * again changes nothing; the ledger says before each that it begins and after each that it is done. So a process that
 * dies between any two leaves a push that the next apply finishes.
 *
 * @throws CovenantError `PUSH_OPEN` where another push is half done, `PUSH_INCOMPLETE` with what is done and what is not
 */
export async function runPush(
  parts: PushParts,
  plans: readonly TargetPlan[],
  { registers }: { readonly registers: boolean },
): Promise<void> {
  let push = await openPush(parts, plans, registers)
  if (push === null) return
  for (const [index, { state }] of push.steps.entries()) {
    if (state === 'done') continue
    push = await record(parts, push, index, { state: 'started' })
    tell(parts, push, index, 'started')
    try {
      await runStep(parts, plans, push, index)
    } catch (thrown) {
      const failure = messageOf(thrown)
      await record(parts, push, index, { state: isUndecided(thrown) ? 'started' : 'planned', failure })
      throw incomplete(push, index, thrown)
    }
    tell(parts, push, index, 'changed')
    push = await record(parts, push, index, { state: 'done' })
    tell(parts, push, index, 'done')
  }
  await parts.store.put({ ...push, state: 'done' })
}

/** The push to go on with: the one that is open, or a new one; `null` where there is nothing to push. */
async function openPush(parts: PushParts, plans: readonly TargetPlan[], registers: boolean): Promise<Push | null> {
  const { store, project, clock } = parts
  const contracts = versionsOf(project.contracts)
  const open = await findOpenPush(store)
  if (open !== undefined) {
    if (JSON.stringify(open.contracts) === JSON.stringify(contracts)) return open
    if (open.steps.some(({ state }) => state !== 'planned')) throw otherPush(open)
    await store.put({ ...open, state: 'undone' })
  }
  const steps = [
    ...plans.filter(hasChanges).map(
      (plan): PushStep => ({
        target: plan.target,
        kind: plan.kind,
        state: 'planned',
        ...(plan.kind === 'producers' ? { files: plan.files } : {}),
      }),
    ),
    ...(registers ? [{ target: 'registry', kind: 'registry', state: 'planned' } as const] : []),
  ]
  if (steps.length === 0) return null
  const startedAt = clock.now()
  const id = stableId('push', contracts, startedAt)
  const push: Push = { id, startedAt, state: 'open', contracts, steps }
  await store.put(push)
  parts.onProgress?.({ target: '', at: 'recorded', stepsDone: 0, steps: steps.length })
  return push
}

/** The push that was broken off, if one was. */
export async function findOpenPush(store: PushStore): Promise<Push | undefined> {
  const [newest] = await store.newest(1)
  return newest?.state === 'open' ? newest : undefined
}

/** Versions that a push has half done are registered by that push only. */
export async function refuseOpenPush(store: PushStore, contracts: readonly Contract[]): Promise<void> {
  const open = await findOpenPush(store)
  if (open?.steps.some(({ state }) => state !== 'planned') && contracts.length > 0) throw otherPush(open)
}

function versionsOf(contracts: readonly Contract[]): Push['contracts'] {
  return contracts.map(({ id, version, hash }) => ({ id, version, hash }))
}

async function runStep(parts: PushParts, plans: readonly TargetPlan[], push: Push, index: number): Promise<void> {
  const { kind, target, files = [] } = push.steps[index]!
  if (kind === 'registry') return parts.register()
  if (kind === 'producers') {
    for (const { path, after } of files) {
      const absolute = resolve(parts.project.directory, path)
      mkdirSync(dirname(absolute), { recursive: true })
      replaceFile(absolute, after)
      tell(parts, push, index, 'file')
    }
    return
  }
  const plan = plans.find((each) => each.kind === 'database' && each.target === target)
  if (plan?.kind !== 'database') throw goneTarget(target)
  const tables = plan.planned.map(({ table }) => table)
  await withDatabase(plan.schema, (database) => database.migrate(plan.scripts, tables, push.id))
}

export function goneTarget(target: string): CovenantError {
  return new CovenantError({
    code: 'PUSH_TARGET_INVALID',
    message: `A push to "${target}" was broken off, and the project has no such target any more.`,
    where: 'covenant.config.ts, push',
    remedy: 'Put the target back until the push is finished or undone.',
  })
}

export async function record(
  { store }: Pick<PushParts, 'store'>,
  push: Push,
  index: number,
  change: { readonly state: PushStep['state']; readonly failure?: string },
): Promise<Push> {
  const { failure: _, ...before } = push.steps[index]!
  const step: PushStep = {
    ...before,
    state: change.state,
    ...(change.failure === undefined ? {} : { failure: change.failure }),
  }
  const changed = { ...push, steps: push.steps.with(index, step) }
  await store.put(changed)
  return changed
}

/** Whether a step that failed may be done all the same: the connection broke, and nobody knows at what moment. */
function isUndecided(thrown: unknown): boolean {
  return !(thrown instanceof CovenantError) || thrown.code === 'PUSH_DATABASE_LOST'
}

function incomplete(push: Push, index: number, thrown: unknown): CovenantError {
  const targets = (list: readonly PushStep[]) => list.map(({ target }) => target).join(', ') || 'nothing'
  const remedy = thrown instanceof CovenantError && thrown.remedy !== undefined ? `${thrown.remedy} ` : ''
  const where = thrown instanceof CovenantError ? thrown.where : undefined
  return new CovenantError({
    code: 'PUSH_INCOMPLETE',
    message: [
      `The push stopped at ${push.steps[index]!.target}: ${messageOf(thrown)}`,
      `  done: ${targets(push.steps.slice(0, index))}`,
      `  not done: ${targets(push.steps.slice(index))}`,
    ].join('\n'),
    ...(where === undefined ? {} : { where }),
    remedy: `${remedy}Then covenant apply goes on where it stopped, and covenant apply --undo takes back what is done.`,
    retryable: thrown instanceof CovenantError && thrown.retryable,
    cause: thrown,
  })
}

function otherPush({ contracts, steps }: Push): CovenantError {
  const done = steps.filter(({ state }) => state !== 'planned').map(({ target }) => target)
  return new CovenantError({
    code: 'PUSH_OPEN',
    message: `A push is half done (${done.join(', ')}), of ${contracts
      .map(({ id, version }) => `${id} ${version}`)
      .join(', ')}.`,
    remedy: 'Take it back with covenant apply --undo, or finish it: covenant apply with these versions.',
  })
}

function tell({ onProgress }: PushParts, push: Push, index: number, at: PushProgress['at']): void {
  const stepsDone = push.steps.filter(({ state }) => state === 'done').length
  onProgress?.({ target: push.steps[index]!.target, at, stepsDone, steps: push.steps.length })
}
