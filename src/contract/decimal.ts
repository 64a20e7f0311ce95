/** A finite number as a whole number of powers of ten: `units * 10 ** -scale`, exactly as it is written in decimal. */
export interface Decimal {
  readonly units: bigint
  readonly scale: number
}

/** @example toDecimal(0.25) // { units: 25n, scale: 2 } */
export function toDecimal(value: number): Decimal {
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? []
  const scale = fraction.length - Number(exponent)
  const units = BigInt(`${sign}${whole}${fraction}`)
  return scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale }
}

export function fromDecimal({ units, scale }: Decimal): number {
  return Number(`${units}e-${scale}`)
}

/** The same two numbers, counted in the same power of ten. */
export function align(a: Decimal, b: Decimal): { readonly a: bigint; readonly b: bigint; readonly scale: number } {
  const scale = Math.max(a.scale, b.scale)
  const lift = (value: Decimal) => value.units * 10n ** BigInt(scale - value.scale)
  return { a: lift(a), b: lift(b), scale }
}

/** Whether `value` is a whole multiple of `step`, both taken as the decimals they are written as: 0.3 is one of 0.1. */
export function isMultipleOf(value: number, step: number): boolean {
  const { a, b } = align(toDecimal(value), toDecimal(step))
  return b !== 0n && a % b === 0n
}
