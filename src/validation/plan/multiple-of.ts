/**
 * True where `value` is a whole multiple of `step`, both taken as the decimal numbers that they are written as:
 * 0.3 is a multiple of 0.1, although their binary floats are not. `step` is above 0.
 */
export function isMultipleOf(value: number, step: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(step)) return value % step === 0
  const scaledValue = decimal(value)
  const scaledStep = decimal(step)
  const exponent = Math.min(scaledValue.exponent, scaledStep.exponent)
  return atExponent(scaledValue, exponent) % atExponent(scaledStep, exponent) === 0n
}

/** `digits` × 10^`exponent`. */
interface Decimal {
  readonly digits: bigint
  readonly exponent: number
}

/** The shortest decimal that reads back as this number (ECMA-262, Number::toString). */
function decimal(value: number): Decimal {
  const [mantissa, exponent = '0'] = value.toExponential().split('e') as [string, string?]
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?]
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length }
}

function atExponent({ digits, exponent }: Decimal, wanted: number): bigint {
  return digits * 10n ** BigInt(exponent - wanted)
}
