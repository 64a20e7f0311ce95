/**
 * P-value of Pearson's chi-squared test of homogeneity: do two samples, counted in the same bins, come from one
 * distribution? (Pearson, Philosophical Magazine 50, 1900; as `scipy.stats.chi2_contingency` without correction.)
 * Bins that are empty in both samples do not count.
 *
 * @example chiSquaredPValue([50, 50], [50, 50]) // 1
 */
export function chiSquaredPValue(first: readonly number[], second: readonly number[]): number {
  const totals = [sum(first), sum(second)] as const
  const all = totals[0] + totals[1]
  let statistic = 0
  let bins = 0
  for (const [bin, count] of first.entries()) {
    const both = count + second[bin]!
    if (both === 0) continue
    bins++
    for (const [observed, total] of [
      [count, totals[0]],
      [second[bin]!, totals[1]],
    ] as const) {
      const expected = (both * total) / all
      statistic += (observed - expected) ** 2 / expected
    }
  }
  return bins < 2 ? 1 : upperIncompleteGamma((bins - 1) / 2, statistic / 2)
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

const ITERATIONS_MAX = 10_000
const PRECISION = 1e-15

/**
 * The regularised upper incomplete gamma function Q(a, x): a series below a + 1, a continued fraction above (Abramowitz
 * & Stegun 6.5.29 and 6.5.31).
 */
export function upperIncompleteGamma(a: number, x: number): number {
  if (x <= 0) return 1
  const factor = Math.exp(-x + a * Math.log(x) - logGamma(a))
  return x < a + 1 ? 1 - factor * series(a, x) : factor * continuedFraction(a, x)
}

function series(a: number, x: number): number {
  let term = 1 / a
  let total = term
  for (let n = 1; n < ITERATIONS_MAX && Math.abs(term) > Math.abs(total) * PRECISION; n++) {
    term *= x / (a + n)
    total += term
  }
  return total
}

/** Lentz's method (Applied Optics 15, 1976). */
function continuedFraction(a: number, x: number): number {
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let result = d
  for (let n = 1; n < ITERATIONS_MAX; n++) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / nonZero(numerator * d + b, tiny)
    c = nonZero(b + numerator / c, tiny)
    const change = d * c
    result *= change
    if (Math.abs(change - 1) < PRECISION) break
  }
  return result
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value
}

/** Lanczos' approximation (SIAM J. Numerical Analysis B 1, 1964) with g = 7 and nine coefficients; for x > 0. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const shifted = x - 1
  const t = shifted + 7.5
  const total = LANCZOS.slice(1).reduce((acc, coefficient, at) => acc + coefficient / (shifted + at + 1), LANCZOS[0]!)
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(total)
}
