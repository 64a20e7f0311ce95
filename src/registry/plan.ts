import {
  type Contract,
  checkCompatibility,
  compareVersions,
  contractChanges,
  type Incompatibility,
  versionParts,
} from '../contract/index.ts'
import type { ContractChange } from './define.ts'

/** What is registered, as far as the decision about new versions rests on it. */
export interface Registered {
  /** Versions of a contract, oldest first. */
  versions(contractId: string): readonly Contract[]
  /** The id of the contract that owns a topic; `undefined` where none does. */
  ownerOf(topic: string): string | undefined
  /** The topics of all contracts. */
  topics(): readonly string[]
}

/**
 * Whether the stages behind the registry could take the records of a version beside those of others: of other versions
 * of the contract of its topic, oldest first, and of other topics. `null`, or why not, with the way out.
 */
export type Misfit = (
  contract: Contract,
  beside: { readonly versions: readonly Contract[]; readonly topics: readonly string[] },
) => string | null

/**
 * Decides about each contract, by id and version. Those that are accepted count as registered for the later ones, so
 * that several versions of a contract can be applied at once.
 */
export function planChanges(
  contracts: readonly Contract[],
  registered: Registered,
  misfit: Misfit = () => null,
): ContractChange[] {
  const accepted: Contract[] = []
  return inOrder(contracts).map((contract) => {
    const versions = [...registered.versions(contract.id), ...accepted.filter(({ id }) => id === contract.id)]
    const owner = registered.ownerOf(contract.topic) ?? accepted.find(({ topic }) => topic === contract.topic)?.id
    const beside = {
      versions: versions.filter(({ topic }) => topic === contract.topic),
      topics: [...registered.topics(), ...accepted.map(({ topic }) => topic)],
    }
    const change = planChange(contract, versions, owner ?? contract.id, () => misfit(contract, beside))
    if (change.outcome === 'registered') accepted.push(contract)
    return change
  })
}

function inOrder(contracts: readonly Contract[]): readonly Contract[] {
  return contracts.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : compareVersions(a.version, b.version)))
}

function planChange(
  contract: Contract,
  versions: readonly Contract[],
  topicOwner: string,
  ask: () => string | null,
): ContractChange {
  const previous = versions.at(-1)
  const change = (outcome: ContractChange['outcome'], message: string, reasons: readonly Incompatibility[] = []) => ({
    contractId: contract.id,
    topic: contract.topic,
    version: contract.version,
    previousVersion: previous?.version ?? null,
    outcome,
    reasons,
    message,
  })
  if (versions.some(({ version, hash }) => version === contract.version && hash === contract.hash))
    return change('unchanged', `Version ${contract.version} is registered already.`)
  const refusal = refuse(contract, versions, topicOwner)
  if (refusal !== null) return change('refused', refusal)
  const misfit = previous === undefined ? null : findMisfit(contract, versions)
  // Asked before the way out of a misfit is told, which is a new major version: that would not help here.
  const downstream = ask()
  if (downstream !== null) return change('refused', downstream, misfit?.reasons)
  if (previous === undefined) return change('registered', `Version ${contract.version} is the first one.`)
  if (misfit !== null) return change('refused', misfit.message, misfit.reasons)
  const bump = refuseBump(contract, previous)
  return bump === null
    ? change('registered', `Version ${contract.version} follows ${previous.version}.`)
    : change('refused', bump)
}

/** Statuses under which others may rely on a contract: a deprecated one still holds, its end is announced. */
const PROMISED: ReadonlySet<string> = new Set(['active', 'deprecated'])

/** Why a version is refused whatever it holds; `null` where nothing speaks against it. */
function refuse(contract: Contract, versions: readonly Contract[], topicOwner: string): string | null {
  const { id, status, topic, version } = contract
  const previous = versions.at(-1)
  if (!PROMISED.has(status))
    return `Its status is ${status}: only active and deprecated contracts are registered. Set "status: active" once it is approved.`
  if (topicOwner !== id)
    return `The topic ${topic} belongs to the contract ${topicOwner}. Choose another "physicalName".`
  if (versions.some((each) => each.version === version))
    return `Version ${version} is registered with other content, and versions never change. Give the new content a higher version.`
  if (previous !== undefined && compareVersions(version, previous.version) < 0)
    return `Version ${version} is lower than the registered ${previous.version}. Give it a higher version.`
  return null
}

/**
 * The newest earlier version of the same major that a version does not fit, and why. By default all of them count, not
 * only the newest: the topic still holds records of each. The mode of the newest registered version binds, so that no
 * version can lift the check that it has to pass; a new mode holds from the next version on.
 */
function findMisfit(
  contract: Contract,
  versions: readonly Contract[],
): { readonly message: string; readonly reasons: readonly Incompatibility[] } | null {
  const [major] = versionParts(contract.version)
  const [misfit] = checkCompatibility(contract, versions, versions.at(-1)!.compatibility)
  if (misfit === undefined) return null
  const { version, reasons } = misfit
  const more = reasons.length === 1 ? '' : ` (and ${reasons.length - 1} more)`
  const message = `It does not fit version ${version}. ${reasons[0]!.message}${more} Undo the change, or make it version ${major + 1}.0.0.`
  return { message, reasons }
}

/** A version that checks or promises something else than the one before needs a higher minor, not only a patch. */
function refuseBump(contract: Contract, previous: Contract): string | null {
  const [major, minor] = versionParts(contract.version)
  const [previousMajor, previousMinor] = versionParts(previous.version)
  if (major > previousMajor || minor > previousMinor) return null
  const change = contractChanges(previous, contract).find(({ effect }) => effect !== 'patch')
  if (change === undefined) return null
  return `It checks or promises something else than version ${previous.version}, which a patch may not. ${change.message} Make it version ${major}.${minor + 1}.0.`
}
