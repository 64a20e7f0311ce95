/** A share of 0 stands for this one in the population stability index, which would be infinite. */
const EMPTY_SHARE = 1e-4

/**
 * Population stability index of counts in the same bins: Σ (cᵢ − rᵢ) ln(cᵢ / rᵢ) over the shares, with natural
 * logarithms (Lewis, An Introduction to Credit Scoring, 1994; Siddiqi, Credit Risk Scorecards, 2006: below 0.1 stable,
 * from 0.25 on changed). It is the symmetrised Kullback–Leibler divergence. An empty bin counts as a share of 0.0001,
 * as Evidently does; a bin that is empty in both does not count.
 */
export function populationStabilityIndex(reference: readonly number[], current: readonly number[]): number {
  const [r, c] = [shares(reference), shares(current)]
  let index = 0
  for (const [bin, share] of r.entries()) {
    if (share === 0 && c[bin] === 0) continue
    const from = Math.max(share, EMPTY_SHARE)
    const to = Math.max(c[bin]!, EMPTY_SHARE)
    index += (to - from) * Math.log(to / from)
  }
  return index
}

/**
 * Jensen–Shannon distance of counts in the same bins: the square root of the Jensen–Shannon divergence with natural
 * logarithms, from 0 to √ln 2 (Lin, IEEE Trans. Information Theory 37, 1991; Endres & Schindelin, 49, 2003; as
 * `scipy.spatial.distance.jensenshannon`).
 */
export function jensenShannonDistance(reference: readonly number[], current: readonly number[]): number {
  const [r, c] = [shares(reference), shares(current)]
  let divergence = 0
  for (const [bin, share] of r.entries()) {
    const middle = (share + c[bin]!) / 2
    if (share > 0) divergence += (share * Math.log(share / middle)) / 2
    if (c[bin]! > 0) divergence += (c[bin]! * Math.log(c[bin]! / middle)) / 2
  }
  return Math.sqrt(Math.max(0, divergence))
}

/**
 * P-values corrected for their number: the smallest false discovery rate at which each would be rejected (Benjamini &
 * Hochberg, J. Royal Statistical Society B 57, 1995; as `scipy.stats.false_discovery_control`).
 *
 * @example benjaminiHochberg([0.01, 0.02, 0.9]) // [0.03, 0.03, 0.9]
 */
export function benjaminiHochberg(pValues: readonly number[]): readonly number[] {
  const order = [...pValues.keys()].sort((a, b) => pValues[b]! - pValues[a]!)
  const adjusted = pValues.map(() => 1)
  let smallest = 1
  for (const [place, index] of order.entries()) {
    smallest = Math.min(smallest, (pValues[index]! * pValues.length) / (pValues.length - place))
    adjusted[index] = smallest
  }
  return adjusted
}

function shares(counts: readonly number[]): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => (total === 0 ? 0 : count / total))
}
