import type { Contract } from '../../contract/index.ts'
import type { EpochMs } from '../../kernel/index.ts'
import type { Impact } from '../impact/define.ts'
import { ownersOf } from '../impact/owners.ts'
import type { Approval, ContractPair, ContractReview } from './define.ts'

/** A contract's review with what it was made from. */
export interface Reviewed {
  readonly pair: ContractPair
  readonly review: ContractReview
  /** `null` where the definitions of the project cannot be loaded. */
  readonly impact: Impact | null
}

/**
 * Who has to approve. For every change: the owners and stewards of the contract, as the base names them and as the
 * change does (who hands a contract over agrees as well as who takes it). For a breaking change also the owners of
 * every contract downstream. Changed ones first, then by name.
 */
export function approvalsFor(reviewed: readonly Reviewed[], now: EpochMs): readonly Approval[] {
  const approvals = new Map<string, Approval>()
  const add = (
    owner: Pick<Approval, 'username' | 'name' | 'role'>,
    contract: string,
    because: Approval['because'],
    file: string,
  ) => {
    const before = approvals.get(owner.username)
    approvals.set(owner.username, {
      username: owner.username,
      name: before?.name ?? owner.name,
      role: before?.role ?? owner.role,
      contracts: added(before?.contracts, contract),
      because: before?.because === 'changed' ? 'changed' : because,
      files: added(before?.files, file),
    })
  }
  const changed = reviewed.filter(({ review }) => review.change !== 'unchanged')
  for (const { pair, review } of changed)
    for (const contract of versionsOf(pair))
      for (const owner of ownersOf(contract, now)) add(owner, contract.topic, 'changed', review.file)
  for (const { review, impact } of changed)
    if (review.verdict === 'breaking')
      for (const owner of impact?.owners ?? []) add(owner, owner.contract, 'downstream', review.file)
  return [...approvals.values()].sort(
    (a, b) =>
      Number(a.because === 'downstream') - Number(b.because === 'downstream') || (a.username < b.username ? -1 : 1),
  )
}

/** Ids of changed contracts that name nobody who could approve. */
export function unownedAmong(reviewed: readonly Reviewed[], now: EpochMs): readonly string[] {
  return reviewed
    .filter(({ pair, review }) => {
      const versions = versionsOf(pair)
      return (
        review.change !== 'unchanged' &&
        versions.length > 0 &&
        versions.every((each) => ownersOf(each, now).length === 0)
      )
    })
    .map(({ review }) => review.contractId)
}

function versionsOf({ before, after }: ContractPair): readonly Contract[] {
  return [before?.contract, after?.contract].filter((contract) => contract !== null && contract !== undefined)
}

function added(list: readonly string[] | undefined, item: string): readonly string[] {
  return [...new Set([...(list ?? []), item])].sort()
}
