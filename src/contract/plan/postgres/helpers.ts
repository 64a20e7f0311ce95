import type { NumberHelper } from './rule.ts'

const BODIES: Readonly<Record<NumberHelper, readonly [sign: string, whenOutOfRange: string]>> = {
  add: ['+', 'NULL'],
  subtract: ['-', 'NULL'],
  // Too small is 0, too large is no value: the sum of the logarithms tells which.
  multiply: ['*', 'CASE WHEN log(abs(a)) + log(abs(b)) > 0 THEN NULL ELSE 0 END'],
  divide: ['/', 'CASE WHEN log(abs(a)) - log(abs(b)) > 0 THEN NULL ELSE 0 END'],
}

/** The body of the function that does an arithmetic of doubles without errors. */
export function helperBody(helper: NumberHelper): string {
  const [sign, otherwise] = BODIES[helper]
  return `
BEGIN
  RETURN a ${sign} b;
EXCEPTION WHEN numeric_value_out_of_range THEN
  RETURN ${otherwise};
END
`
}
