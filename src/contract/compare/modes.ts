import type { CompatibilityMode, Contract, Incompatibility, VersionIncompatibility } from '../define.ts'
import { versionParts } from '../version.ts'
import { compatibility } from './index.ts'

/** What a stream is: a change of it breaks everybody, whichever direction a mode looks at. */
const IDENTITY: ReadonlySet<Incompatibility['rule']> = new Set(['topic', 'key', 'event-time', 'cdc'])

/**
 * What a candidate breaks of the earlier versions (oldest first) that a mode looks at, newest first. Only versions of the
 * candidate's major count: another major is another stream of records, with migrations between them.
 *
 * BACKWARD: the candidate accepts what earlier writers send. FORWARD: earlier readers can rely on what the candidate
 * promises. FULL: both. The others look at the newest version only, `_TRANSITIVE` at all.
 *
 * @example checkCompatibility(candidate, earlier, earlier.at(-1)!.compatibility)
 */
export function checkCompatibility(
  candidate: Contract,
  earlier: readonly Contract[],
  mode: CompatibilityMode,
): readonly VersionIncompatibility[] {
  const [major] = versionParts(candidate.version)
  const same = earlier.filter(({ version }) => versionParts(version)[0] === major)
  const compared = mode === 'NONE' ? [] : mode.endsWith('_TRANSITIVE') ? same.toReversed() : same.slice(-1)
  return compared
    .map((version) => ({ version: version.version, reasons: binding(compatibility(version, candidate), mode) }))
    .filter(({ reasons }) => reasons.length > 0)
}

/** The incompatibilities that a mode does not allow. */
export function binding(found: readonly Incompatibility[], mode: CompatibilityMode): readonly Incompatibility[] {
  if (mode === 'NONE') return []
  return found.filter(({ breaks, rule }) => {
    if (mode.startsWith('FULL') || IDENTITY.has(rule)) return true
    return breaks === (mode.startsWith('BACKWARD') ? 'writers' : 'readers')
  })
}
