import type { Mode, Setting, SubjectConfig } from './define.ts'
import { GLOBAL_SCOPE, isSubjectName, splitSubject } from './names.ts'
import { ownedBy, type Planned } from './plan.ts'
import { refuse } from './refusal.ts'
import { checkRuleSet } from './rules.ts'
import type { SubjectView } from './view.ts'

/** What a request says about a configuration: a member that is `null` goes back to what is inherited. */
export type ConfigUpdate = { readonly [Member in keyof SubjectConfig]?: SubjectConfig[Member] | null }

/** Changes the configuration of a scope; members that the update does not name stay. Throws `42205`, `42208`, `42210`. */
export function planConfig(view: SubjectView, scope: string, update: ConfigUpdate): Planned<SubjectConfig> {
  refuseScope(view, scope)
  checkRuleSet(update.defaultRuleSet)
  checkRuleSet(update.overrideRuleSet)
  const members = Object.entries({ ...view.setting(scope)?.config, ...update })
  const config: SubjectConfig = Object.fromEntries(members.filter(([, value]) => value !== null && value !== undefined))
  return { answer: config, change: { settings: [settingOf(view, scope, { config })] } }
}

/** Back to what is inherited; the answer is what was configured. Throws `40401` where nothing was. */
export function planConfigDeletion(view: SubjectView, scope: string): Planned<SubjectConfig> {
  refuseScope(view, scope)
  const config = view.setting(scope)?.config
  if (!config && scope !== GLOBAL_SCOPE) throw refuse.subjectNotFound(scope)
  return {
    answer: config ?? view.configInScope(scope),
    change: config ? { settings: [settingOf(view, scope, { config: null })] } : null,
  }
}

/** Throws `42205` for IMPORT where schemas are registered already, unless forced. */
export function planMode(
  view: SubjectView,
  scope: string,
  mode: Mode,
  { force }: { readonly force: boolean },
): Planned<Mode> {
  refuseScope(view, scope)
  const inScope = view.subjects().filter((subject) => isIn(subject, scope))
  if (mode === 'IMPORT' && !force && view.modeInScope(scope) !== 'IMPORT' && inScope.length > 0)
    throw refuse.notPermitted('Cannot import since found existing subjects')
  return { answer: mode, change: { settings: [settingOf(view, scope, { mode })] } }
}

export function planModeDeletion(view: SubjectView, scope: string): Planned<Mode> {
  refuseScope(view, scope)
  const mode = view.setting(scope)?.mode
  if (!mode && scope !== GLOBAL_SCOPE) throw refuse.subjectNotFound(scope)
  return {
    answer: mode ?? view.modeInScope(scope),
    change: mode ? { settings: [settingOf(view, scope, { mode: null })] } : null,
  }
}

function refuseScope(view: SubjectView, scope: string): void {
  const isContext = scope === GLOBAL_SCOPE || splitSubject(scope).name === ''
  if (!isContext && !isSubjectName(scope)) throw refuse.invalidSubject(scope)
  const owner = view.ownerOf(scope)
  if (owner !== null) throw refuse.notPermitted(ownedBy(scope, owner))
}

function settingOf(view: SubjectView, scope: string, update: Partial<Setting>): Setting {
  return { config: null, mode: null, ...view.setting(scope), ...update, scope }
}

function isIn(subject: string, scope: string): boolean {
  if (scope === GLOBAL_SCOPE) return true
  const { context, name } = splitSubject(scope)
  return name === '' ? splitSubject(subject).context === context : subject === scope
}
