import { type Contract, compareVersions, locate, versionParts } from '../../contract/index.ts'
import { lakeMisfit } from '../../lake/index.ts'
import { changesBetween } from './changes.ts'
import type { ChangeLine, ContractPair, ContractReview } from './define.ts'
import { errorsOf } from './files.ts'

/** What the verdict adds to what is known of every pair. */
type Verdict = Pick<ContractReview, 'verdict' | 'mergeable' | 'message'> &
  Partial<Pick<ContractReview, 'requiredVersion' | 'changes'>>

/** Statuses under which nobody may rely on a contract: what stands in it changes freely. */
const UNPROMISED: ReadonlySet<string> = new Set(['proposed', 'draft', 'retired'])

/** The changes that break somebody. */
export function breakingChanges({ changes }: Pick<ContractReview, 'changes'>): readonly ChangeLine[] {
  return changes.filter(({ effect }) => effect === 'major')
}

/** Decides about one contract among those of these topics; pure. */
export function reviewPair(pair: ContractPair, topics: readonly string[] = []): ContractReview {
  const { before, after } = pair
  const change = changeOf(pair)
  const contract = after?.contract ?? before?.contract ?? null
  const file = (after ?? before)!
  return {
    contractId: file.id ?? contract?.id ?? file.path,
    topic: contract?.topic ?? null,
    change,
    file: file.path,
    at: after === null ? { line: 1, column: 1 } : locate(after.text, 'version'),
    movedFrom: before !== null && after !== null && before.path !== after.path ? before.path : null,
    baseVersion: before?.contract?.version ?? null,
    proposedVersion: after?.contract?.version ?? null,
    requiredVersion: null,
    changes: [],
    registry: null,
    ...verdictOf(pair, change, topics),
  }
}

function changeOf({ before, after }: ContractPair): ContractReview['change'] {
  if (before === null) return 'added'
  if (after === null) return 'removed'
  if (before.text === after.text) return 'unchanged'
  const [old, proposed] = [before.contract, after.contract]
  return old !== null && proposed !== null && old.hash === proposed.hash ? 'unchanged' : 'changed'
}

function verdictOf(pair: ContractPair, change: ContractReview['change'], topics: readonly string[]): Verdict {
  const { before, after } = pair
  if (after !== null && after.contract === null) return invalid(errorsOf(after.problems).length)
  if (change === 'unchanged') return ok('Unchanged.')
  if (after === null) return removed(before?.contract ?? null)
  const proposed = after.contract!
  const misfit = misfitInLake(before?.contract ?? null, proposed, topics)
  if (misfit !== null) return misfit
  if (before === null) return ok(`New: version ${proposed.version}, ${proposed.status}.`)
  if (before.contract === null) return ok('The base holds no valid version of this contract, so nothing was compared.')
  return compared(before.contract, proposed)
}

/** The registry takes no version whose records the lake could not. */
function misfitInLake(earlier: Contract | null, later: Contract, topics: readonly string[]): Verdict | null {
  if (UNPROMISED.has(later.status)) return null
  const held = earlier !== null && !UNPROMISED.has(earlier.status) && earlier.topic === later.topic
  const message = lakeMisfit(later, { versions: held ? [earlier] : [], topics })
  if (message === null) return null
  return { verdict: 'breaking', mergeable: false, message, changes: earlier ? changesBetween(earlier, later) : [] }
}

function invalid(errors: number): Verdict {
  const message = `It has ${errors === 1 ? '1 error' : `${errors} errors`}: covenant contract lint shows them.`
  return { verdict: 'invalid', mergeable: false, message }
}

function ok(message: string): Verdict {
  return { verdict: 'ok', mergeable: true, message }
}

function removed(contract: Contract | null): Verdict {
  if (contract === null) return ok('Removed; no version of it in the base was valid.')
  if (UNPROMISED.has(contract.status)) return ok(`Removed; it was ${contract.status}.`)
  const announced = contract.status === 'deprecated'
  const message = announced
    ? `The contract of the topic ${contract.topic} was removed after it was deprecated: its readers lose it.`
    : `The contract of the topic ${contract.topic} was removed while it is ${contract.status}. Keep it, announce its end with "status: deprecated", and remove it once nobody reads the topic.`
  return { verdict: 'breaking', mergeable: announced, message }
}

function compared(earlier: Contract, later: Contract): Verdict {
  const changes = changesBetween(earlier, later)
  if (earlier.id !== later.id) return renamed(earlier, later, changes)
  if (UNPROMISED.has(earlier.status))
    return { ...ok(`Changed freely: version ${earlier.version} was ${earlier.status}.`), changes }
  const needed = requiredVersion(earlier, changes)
  const enough = isEnough(later.version, needed)
  const found = { changes, requiredVersion: enough ? null : needed }
  if (changes.some(({ effect }) => effect === 'major')) return breaking(earlier, later, found, enough)
  if (UNPROMISED.has(later.status)) return withdrawn(earlier, later, found)
  if (enough) return { ...ok(`Compatible: version ${later.version} follows ${earlier.version}.`), ...found }
  return {
    verdict: 'needs-bump',
    mergeable: false,
    message: `Compatible, but ${later.version === earlier.version ? `its version is still ${later.version}` : `${later.version} says less than what changed`}. Make it version ${needed}.`,
    ...found,
  }
}

function breaking(
  earlier: Contract,
  later: Contract,
  found: Required<Pick<Verdict, 'changes' | 'requiredVersion'>>,
  enough: boolean,
): Verdict {
  const whom = [...new Set(breakingChanges(found).flatMap(({ breaks }) => breaks))].sort().join(' and ')
  const message = enough
    ? `Version ${later.version} breaks ${whom} of ${earlier.version}, as a major version may.`
    : `Version ${later.version} breaks ${whom} of ${earlier.version}. Undo the change, or make it version ${found.requiredVersion}.`
  return { verdict: 'breaking', mergeable: enough, message, ...found }
}

function renamed(earlier: Contract, later: Contract, changes: readonly ChangeLine[]): Verdict {
  const promised = !UNPROMISED.has(earlier.status)
  const message = `The id changed from ${earlier.id} to ${later.id}: for the registry and its readers that is another contract${promised ? ', and the old one is gone. Give it its old id again, or keep the old file until it is retired' : ''}.`
  return { verdict: promised ? 'breaking' : 'ok', mergeable: !promised, message, changes }
}

/** From a promise to none. The registry takes no such contract, so that `covenant apply` would refuse all of the project. */
function withdrawn(earlier: Contract, later: Contract, found: Pick<Verdict, 'changes' | 'requiredVersion'>): Verdict {
  const way =
    earlier.status === 'deprecated'
      ? 'Remove the file instead.'
      : 'Announce its end with "status: deprecated", and remove the file once nobody reads the topic.'
  const message = `The status went from ${earlier.status} to ${later.status}, and such a contract is not registered. ${way}`
  return { verdict: 'breaking', mergeable: false, message, ...found }
}

/** The smallest version that the changes may stand under. */
function requiredVersion(earlier: Contract, changes: readonly ChangeLine[]): string {
  const [major, minor, patch] = versionParts(earlier.version)
  if (changes.some(({ effect }) => effect === 'major')) return `${major + 1}.0.0`
  return changes.some(({ effect }) => effect === 'minor') ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`
}

function isEnough(version: string, needed: string): boolean {
  return compareVersions(version, needed) >= 0
}
