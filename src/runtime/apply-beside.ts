import { EventBus, systemClock } from '../kernel/index.ts'
import { recordLineage } from '../metadata/index.ts'
import { type ApplyOptions, type ApplyResult, applyProject } from './apply.ts'
import { registryOf } from './covenant.ts'
import { installedPython } from './orchestration.ts'
import type { Project } from './project.ts'
import type { Stores } from './stores.ts'

/**
 * Applies a project to the stores of a state folder on which another process runs the loop: its hops and its schema
 * registry look up each version, and its next run takes the pipelines that are deployed.
 *
 * @throws CovenantError `REGISTRY_CONFLICT` (retryable), and what compiling a pipeline throws
 */
export function applyBeside(project: Project, stores: Stores, request: ApplyOptions): Promise<ApplyResult> {
  const events = new EventBus()
  recordLineage(events, stores.lineage)
  const registry = registryOf(stores, systemClock, events)
  return applyProject({ project, stores, registry, python: installedPython(), events, clock: systemClock }, request)
}
