import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { askPython } from '../../../test/ports/python-oracle.ts'
import { chiSquaredPValue, upperIncompleteGamma } from './chi-squared.ts'
import { benjaminiHochberg, jensenShannonDistance, populationStabilityIndex } from './drift-statistics.ts'

const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 30_000 }))
const pair = fc
  .integer({ min: 2, max: 12 })
  .chain((bins) => fc.tuple(...[1, 2].map(() => fc.array(count, { minLength: bins, maxLength: bins }))))
  .filter(([first, second]) => first!.some((n) => n > 0) && second!.some((n) => n > 0)) as fc.Arbitrary<
  [number[], number[]]
>

const ORACLE = `
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, false_discovery_control
from scipy.special import gammaincc

def psi(r, c):
    r, c = np.array(r) / sum(r), np.array(c) / sum(c)
    used = (r > 0) | (c > 0)
    r, c = np.maximum(r[used], 1e-4), np.maximum(c[used], 1e-4)
    return float(np.sum((c - r) * np.log(c / r)))

def p_value(r, c):
    table = np.array([r, c])
    table = table[:, table.sum(axis=0) > 0]
    return float(chi2_contingency(table, correction=False).pvalue) if table.shape[1] > 1 else 1.0

print(json.dumps({
    'pairs': [[psi(r, c), float(jensenshannon(r, c)), p_value(r, c)] for r, c in data['pairs']],
    'adjusted': [false_discovery_control(p).tolist() for p in data['pValues']],
    'gamma': [float(gammaincc(a, x)) for a, x in data['gamma']],
}))
`

describe('The drift statistics', () => {
  it('agree with scipy and numpy', () => {
    const pairs = fc.sample(pair, { numRuns: 200, seed: 7 })
    const pValues = fc.sample(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), {
      numRuns: 50,
      seed: 8,
    })
    const gamma = [0.5, 1, 2.5, 5, 10, 50].flatMap((a) => [0, 0.01, 0.5, 1, 3, 9.9, 10.1, 60, 400].map((x) => [a, x]))
    const oracle = askPython(ORACLE, { pairs, pValues, gamma }) as Record<string, number[][]> & { gamma: number[] }
    for (const [index, [reference, current]] of pairs.entries()) {
      const [psi, distance, pValue] = oracle.pairs![index]!
      assertClose(populationStabilityIndex(reference, current), psi!)
      assertClose(jensenShannonDistance(reference, current), distance!, 1e-7)
      assertClose(chiSquaredPValue(reference, current), pValue!)
    }
    for (const [index, values] of pValues.entries())
      for (const [at, adjusted] of benjaminiHochberg(values).entries())
        assertClose(adjusted, oracle.adjusted![index]![at]!)
    for (const [index, [a, x]] of gamma.entries()) assertClose(upperIncompleteGamma(a!, x!), oracle.gamma[index]!)
  })

  it('find no drift between a distribution and itself, whatever the size', () => {
    fc.assert(
      fc.property(pair, fc.integer({ min: 1, max: 50 }), ([counts], factor) => {
        const larger = counts.map((n) => n * factor)
        assertClose(populationStabilityIndex(counts, larger), 0)
        assertClose(jensenShannonDistance(counts, larger), 0, 1e-7)
        assertClose(chiSquaredPValue(counts, larger), 1)
      }),
    )
  })

  it('do not depend on which of the two comes first, nor on the order of the bins', () => {
    fc.assert(
      fc.property(pair, ([first, second]) => {
        for (const statistic of [populationStabilityIndex, jensenShannonDistance, chiSquaredPValue]) {
          assertClose(statistic(first, second), statistic(second, first))
          assertClose(statistic(first, second), statistic(first.toReversed(), second.toReversed()))
        }
      }),
    )
  })

  it('stay within their ranges', () => {
    fc.assert(
      fc.property(pair, ([first, second]) => {
        assert.ok(populationStabilityIndex(first, second) >= 0)
        const distance = jensenShannonDistance(first, second)
        assert.ok(distance >= 0 && distance <= Math.sqrt(Math.LN2) + 1e-12)
        const pValue = chiSquaredPValue(first, second)
        assert.ok(pValue >= 0 && pValue <= 1 + 1e-12)
      }),
    )
  })

  it('correct p-values upwards, and keep their order', () => {
    const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(values, (pValues) => {
        const adjusted = benjaminiHochberg(pValues)
        for (const [a, p] of pValues.entries()) {
          assert.ok(adjusted[a]! >= p - 1e-12 && adjusted[a]! <= 1)
          for (const [b, other] of pValues.entries()) if (p < other) assert.ok(adjusted[a]! <= adjusted[b]!)
        }
      }),
    )
  })
})

function assertClose(actual: number, expected: number, tolerance = 1e-9): void {
  const apart = Math.abs(actual - expected)
  assert.ok(apart <= tolerance * Math.max(1, Math.abs(expected)), `expected ${expected}, got ${actual}`)
}
