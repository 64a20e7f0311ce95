import { type Contract, contractChanges, locate } from '../../contract/index.ts'
import type { ChangeLine } from './define.ts'

/** What changed between two versions of a contract, what breaks somebody first, each with its place in the later text. */
export function changesBetween(earlier: Contract, later: Contract): readonly ChangeLine[] {
  return contractChanges(earlier, later).map((change) => ({
    ...change,
    ...locate(later.source, change.path, change.rule, later.object),
  }))
}
