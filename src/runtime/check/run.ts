import { type Clock, CovenantError, isJsonObject } from '../../kernel/index.ts'
import { registryOf } from '../covenant.ts'
import type { Definitions } from '../impact/readers.ts'
import { impactOf } from '../impact/run.ts'
import { loadDefined, refuseNoProject } from '../project.ts'
import type { Stores } from '../stores.ts'
import { approvalsFor, type Reviewed, unownedAmong } from './approvals.ts'
import type { ChangeLine, CheckReport, ContractPair, ContractReview } from './define.ts'
import { errorsOf, pairContracts } from './files.ts'
import { findBase } from './git.ts'
import { reviewPair } from './review.ts'

export interface CheckOptions {
  readonly projectDir: string
  /** Commit to compare with; see `findBase`. */
  readonly base?: string
  readonly clock: Clock
  /** Of the state folder, where there is one: for what lineage has recorded. */
  readonly stores: Stores | null
  /** Also tells what registering the contracts in the state folder would do. */
  readonly againstRegistry: boolean
}

/** A report, and what it was made from. */
export interface Check {
  readonly report: CheckReport
  readonly reviewed: readonly Reviewed[]
  /** `null` where the definitions do not load. */
  readonly project: Definitions | null
}

/**
 * Checks the contracts of a working tree against a commit: what changed, whether it may be merged, who has to approve,
 * and what stands downstream. Changes nothing.
 *
 * Throws `PROJECT_NOT_FOUND`, and what `findBase` throws.
 */
export async function checkContracts(options: CheckOptions): Promise<Check> {
  const { projectDir, clock, stores } = options
  refuseNoProject(projectDir)
  const base = await findBase(projectDir, options.base)
  const pairs = await pairContracts(projectDir, base)
  const notes = pairs.flatMap(invalidBase)
  const project = await definitionsOf(projectDir, pairs, notes)
  const topics = pairs.flatMap(({ after }) => after?.contract?.topic ?? [])
  const alone = pairs.map((pair) => reviewPair(pair, topics))
  const reviews = await withRegistry(pairs, alone, options)
  const reviewed: Reviewed[] = []
  for (const [index, review] of reviews.entries())
    reviewed.push({
      pair: pairs[index]!,
      review,
      impact: await changeImpact(pairs[index]!, review, { project, stores, clock }),
    })
  reviewed.sort(inOrder)
  const problems = pairs.flatMap(({ after }) => after?.problems ?? [])
  const now = clock.now()
  const report: CheckReport = {
    base: { name: base.name, commit: base.commit },
    mergeable: reviewed.every(({ review }) => review.mergeable) && errorsOf(problems).length === 0,
    contracts: reviewed.map(({ review }) => review),
    problems,
    notes,
    approvals: approvalsFor(reviewed, now),
    unowned: unownedAmong(reviewed, now),
    checkedAt: now,
  }
  return { report, reviewed, project }
}

function invalidBase({ before }: ContractPair): readonly string[] {
  if (before === null || before.contract !== null) return []
  const first = errorsOf(before.problems)[0]?.message ?? ''
  return [`${before.path} is not valid in the base, so it was not compared: ${first}`]
}

/** The project's definitions with the contracts of both sides: what reads a removed contract is found, too. */
async function definitionsOf(
  projectDir: string,
  pairs: readonly ContractPair[],
  notes: string[],
): Promise<Definitions | null> {
  const contracts = pairs.flatMap(({ before, after }) => after?.contract ?? before?.contract ?? [])
  try {
    return { ...(await loadDefined(projectDir)), contracts }
  } catch (thrown) {
    if (!(thrown instanceof CovenantError)) throw thrown
    notes.push(`What stands downstream is not known, because the project does not load: ${thrown.toLine()}`)
    return null
  }
}

async function withRegistry(
  pairs: readonly ContractPair[],
  reviews: readonly ContractReview[],
  { stores, againstRegistry, clock }: CheckOptions,
): Promise<readonly ContractReview[]> {
  if (!againstRegistry || stores === null) return reviews
  const contracts = pairs.flatMap(({ after }) => after?.contract ?? [])
  const planned = await registryOf(stores, clock).plan(contracts)
  return reviews.map((review, index) => {
    const { contract } = pairs[index]!.after ?? { contract: null }
    const registry =
      planned.find(({ contractId, version }) => contractId === contract?.id && version === contract.version) ?? null
    return { ...review, registry, mergeable: review.mergeable && registry?.outcome !== 'refused' }
  })
}

interface ImpactParts {
  readonly project: Definitions | null
  readonly stores: Stores | null
  readonly clock: Clock
}

async function changeImpact(pair: ContractPair, review: ContractReview, { project, stores, clock }: ImpactParts) {
  const contract = pair.before?.contract ?? pair.after?.contract
  if (project === null || !contract || review.change === 'unchanged') return null
  const fields = changedFields(pair, review)
  return impactOf({ project, topic: contract.topic, fields, stores, clock })
}

/** Fields of the top level that changed; `null` where more than fields did, or all of the contract is concerned. */
function changedFields({ before, after }: ContractPair, { changes }: ContractReview): readonly string[] | null {
  const known = new Set(
    [...(before?.contract?.fields ?? []), ...(after?.contract?.fields ?? [])].map(({ name }) => name),
  )
  if (before === null || after === null || changes.length === 0) return null
  const relevant = changes.filter(({ effect }) => effect !== 'patch')
  const fields = relevant.map((change) =>
    [...known].find((name) => isWithin(change.path, name) || name === ruledField(change)),
  )
  return fields.every((field) => field !== undefined) ? [...new Set(fields)].sort() : null
}

/** The field that a quality rule, record rule or service level is about; `null` for one that is about none. */
function ruledField({ before, after }: ChangeLine): string | null {
  const rule = after ?? before
  return isJsonObject(rule) && typeof rule.field === 'string' ? rule.field : null
}

/** Whether a place such as `address.zip`, `lines[].sku` or `labels{}` lies in the field. */
function isWithin(path: string, field: string): boolean {
  return path.startsWith(field) && /^($|\.|\[\]|\{\})/.test(path.slice(field.length))
}

const ORDER: Readonly<Record<ContractReview['change'], number>> = { removed: 0, changed: 0, added: 0, unchanged: 1 }

function inOrder({ review: a }: Reviewed, { review: b }: Reviewed): number {
  return ORDER[a.change] - ORDER[b.change] || (a.contractId < b.contractId ? -1 : 1)
}
