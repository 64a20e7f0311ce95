import type { Json } from '../../../../kernel/index.ts'
import { type Decimal, fromDecimal, isMultipleOf, toDecimal } from '../../../decimal.ts'
import { type FoundText, findText } from '../../../pattern/language.ts'
import type { Steps } from '../accepts.ts'
import type { Atom } from './formula.ts'

/** Numbers between bounds are looked at one by one where they are no more than these. */
const LISTED_MAX = 1_000
/** Beyond these, arithmetic on the steps of numbers takes too long. */
const DIGITS_MAX = 400

interface Interval {
  low: number
  lowOpen: boolean
  high: number
  highOpen: boolean
}

/** Whether no number obeys all of `left` and none of `right`. */
export function noNumber(left: readonly Atom[], right: readonly Atom[], steps: Steps): boolean {
  const within: Interval = { low: -Infinity, lowOpen: true, high: Infinity, highOpen: true }
  for (const { keyword, value } of left) narrow(within, keyword, Number(value))
  for (const { keyword, value } of right) narrow(within, OPPOSITE.get(keyword) ?? '', Number(value))
  const { low, high, lowOpen, highOpen } = within
  if (low > high || (low === high && (lowOpen || highOpen))) return true
  const divisors = right.filter(isStep).map(({ value }) => Number(value))
  const step = commonStep(left.filter(isStep).map(({ value }) => Number(value)))
  if (step !== null && divisors.some((each) => dividesStep(each, step))) return true
  const excluded = right.flatMap(({ keyword, value }) => (keyword === 'enum' ? (value as readonly Json[]) : []))
  const candidates = (step === null ? null : multiples(step, within)) ?? (low === high ? [low] : null)
  if (candidates === null) return false
  steps.left -= candidates.length
  return candidates.every(
    (value) =>
      excluded.includes(value) || isOutside(value, within) || divisors.some((each) => isMultipleOf(value, each)),
  )
}

const OPPOSITE: ReadonlyMap<string, string> = new Map([
  ['minimum', 'exclusiveMaximum'],
  ['exclusiveMinimum', 'maximum'],
  ['maximum', 'exclusiveMinimum'],
  ['exclusiveMaximum', 'minimum'],
])

function narrow(within: Interval, keyword: string, bound: number): void {
  const open = keyword.startsWith('exclusive')
  if (keyword === 'minimum' || keyword === 'exclusiveMinimum') {
    if (bound > within.low || (bound === within.low && open)) Object.assign(within, { low: bound, lowOpen: open })
  } else if (keyword === 'maximum' || keyword === 'exclusiveMaximum') {
    if (bound < within.high || (bound === within.high && open)) Object.assign(within, { high: bound, highOpen: open })
  }
}

function isOutside(value: number, { low, high, lowOpen, highOpen }: Interval): boolean {
  return value < low || value > high || (value === low && lowOpen) || (value === high && highOpen)
}

function isStep({ keyword, value }: Atom): boolean {
  return (keyword === 'multipleOf' || keyword === 'integer') && Number(value) > 0 && isHandy(Number(value))
}

function isHandy(value: number): boolean {
  return Number.isFinite(value) && (value === 0 || Math.abs(Math.log10(Math.abs(value))) < DIGITS_MAX / 2)
}

/** The smallest step of which the multiples are multiples of all of these. */
function commonStep(all: readonly number[]): Decimal | null {
  return all.map(toDecimal).reduce<Decimal | null>((common, each) => {
    if (common === null) return each
    const scale = Math.max(common.scale, each.scale)
    const [a, b] = [common, each].map(({ units, scale: own }) => units * 10n ** BigInt(scale - own)) as [bigint, bigint]
    const units = (a / gcd(a, b)) * b
    return String(units).length > DIGITS_MAX ? common : { units, scale }
  }, null)
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b)
}

function dividesStep(divisor: number, step: Decimal): boolean {
  const { units, scale } = toDecimal(divisor)
  const common = Math.max(scale, step.scale)
  return (step.units * 10n ** BigInt(common - step.scale)) % (units * 10n ** BigInt(common - scale)) === 0n
}

/** The multiples in an interval, `null` where they are many. */
function multiples(step: Decimal, { low, high }: Interval): readonly number[] | null {
  if (!isHandy(low) || !isHandy(high)) return null
  const from = quotient(low, step)
  const count = quotient(high, step) - from + 1n
  if (count > BigInt(LISTED_MAX)) return null
  // One more at each side: quotients round towards zero.
  return Array.from({ length: Math.max(0, Number(count)) + 2 }, (_, index) =>
    fromDecimal({ units: (from + BigInt(index - 1)) * step.units, scale: step.scale }),
  )
}

function quotient(value: number, step: Decimal): bigint {
  const decimal = toDecimal(value)
  const scale = Math.max(decimal.scale, step.scale)
  return (decimal.units * 10n ** BigInt(scale - decimal.scale)) / (step.units * 10n ** BigInt(scale - step.scale))
}

/** A text that obeys all of `left` and none of `right`; `null` where there is none, `undefined` where nobody knows. */
export function textBetween(left: readonly Atom[], right: readonly Atom[], steps: Steps): FoundText {
  const numbers = (atoms: readonly Atom[], keyword: string) =>
    atoms.flatMap((atom) => (atom.keyword === keyword ? [Number(atom.value)] : []))
  const texts = (atoms: readonly Atom[]) =>
    atoms.flatMap(({ keyword, value }) => (keyword === 'pattern' ? [String(value)] : []))
  return findText(
    {
      matching: texts(left),
      unlike: texts(right),
      lengthMin: Math.max(0, ...numbers(left, 'minLength'), ...numbers(right, 'maxLength').map((each) => each + 1)),
      lengthMax: Math.min(
        Infinity,
        ...numbers(left, 'maxLength'),
        ...numbers(right, 'minLength').map((each) => each - 1),
      ),
      except: right.flatMap(({ keyword, value }) =>
        keyword === 'enum' ? (value as readonly Json[]).filter((each) => typeof each === 'string') : [],
      ),
    },
    steps,
  )
}
