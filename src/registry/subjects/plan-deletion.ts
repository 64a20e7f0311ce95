import type { Setting, SubjectSchema } from './define.ts'
import { DEFAULT_CONTEXT, joinSubject, splitSubject } from './names.ts'
import { ownedBy, type Planned, refuseByMode } from './plan.ts'
import { refuse } from './refusal.ts'
import type { SubjectView } from './view.ts'

/**
 * Deletes a version: first softly, so that its schema is still found by id, then permanently.
 *
 * Throws `40401`, `40402`, `40406`, `40407`, `42205`, `42206`.
 */
export function planVersionDeletion(
  view: SubjectView,
  subject: string,
  version: number,
  { permanent }: { readonly permanent: boolean },
): Planned<number> {
  refuseDeletion(view, subject)
  const found = view.version(subject, version, version === -1 && !permanent ? 'without' : 'with')
  if (!found) throw view.has(subject, 'with') ? refuse.versionNotFound(version) : refuse.subjectNotFound(subject)
  const { entry } = found
  if (entry.deleted && !permanent) throw refuse.versionSoftDeleted(subject, entry.version)
  if (view.referencedBy(subject, entry.version, permanent ? 'with' : 'without').length > 0)
    throw refuse.referenceExists(subject, entry.version)
  if (permanent && !entry.deleted) throw refuse.versionNotSoftDeleted(subject, entry.version)
  const isLast = permanent && view.versions(subject, 'with').length === 1
  return { answer: entry.version, change: deletion([found], { permanent, settingsToo: isLast }) }
}

/** Deletes all versions of a subject; the answer lists them. Throws `40401`, `40404`, `40405`, `42205`, `42206`. */
export function planSubjectDeletion(
  view: SubjectView,
  subject: string,
  { permanent }: { readonly permanent: boolean },
): Planned<readonly number[]> {
  refuseDeletion(view, subject)
  if (!view.has(subject, 'with')) throw refuse.subjectNotFound(subject)
  if (!permanent && !view.has(subject)) throw refuse.subjectSoftDeleted(subject)
  const found = view.versions(subject, permanent ? 'with' : 'without')
  for (const { entry } of found)
    if (view.referencedBy(subject, entry.version, permanent ? 'with' : 'without').some((by) => by.subject !== subject))
      throw refuse.referenceExists(subject, entry.version)
  if (permanent && view.has(subject)) throw refuse.subjectNotSoftDeleted(subject)
  return {
    answer: found.map(({ entry }) => entry.version),
    change: deletion(found, { permanent, settingsToo: permanent }),
  }
}

/** Deletes what is set for a context that has no subjects, softly deleted ones included. Throws `42211`. */
export function planContextDeletion(view: SubjectView, context: string): Planned<null> {
  if (view.subjects('with').some((subject) => splitSubject(subject).context === context))
    throw refuse.contextNotEmpty(`:${context}:`)
  const scope = joinSubject(context, '')
  const isSet = context !== DEFAULT_CONTEXT && view.setting(scope) !== undefined
  return { answer: null, change: isSet ? { settings: [{ scope, config: null, mode: null }] } : null }
}

function refuseDeletion(view: SubjectView, subject: string): void {
  refuseByMode(view, subject)
  const owner = view.ownerOf(subject)
  if (owner !== null) throw refuse.notPermitted(ownedBy(subject, owner))
}

function deletion(
  found: readonly SubjectSchema[],
  { permanent, settingsToo }: { readonly permanent: boolean; readonly settingsToo: boolean },
) {
  const entries = found.map(({ entry }) => entry)
  const gone: readonly Setting[] = settingsToo ? [{ scope: entries[0]!.subject, config: null, mode: null }] : []
  return permanent
    ? { removed: entries, settings: gone }
    : { versions: entries.map((entry) => ({ ...entry, deleted: true })) }
}
