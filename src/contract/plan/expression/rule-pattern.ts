/**
 * The pattern of `matches()` is RE2 in CEL and ECMA-262 in contracts. Rules may use what both read alike, and what can
 * be written so that both do: `.` and `\s` differ in which line ends and spaces they mean.
 */
const ATOM =
  /\\(?:[dDwWbB]|[sS]|[.*+?^$|()[\]{}/\\-]|[tnrfv]|x[0-9a-fA-F]{2}|p\{(?:L|Lu|Ll|N|Nd|P|S|Z)\}|P\{(?:L|Lu|Ll|N|Nd|P|S|Z)\})|\(\?:|[()|^$.]|[^\\[\](){}|^$.*+?]/uy
const CLASS_MEMBER =
  /\\(?:[dDwW]|s|[.*+?^$|()[\]{}/\\-]|[tnrfv]|x[0-9a-fA-F]{2}|[pP]\{(?:L|Lu|Ll|N|Nd|P|S|Z)\})|[^\\[\]^&~-]|[&~^](?![&~])|-/uy
const QUANTIFIER = /(?:[*+?]|\{(\d{1,4})(?:,(\d{0,4}))?\})\??/uy
/** RE2 refuses larger counts, also by nesting. */
const REPEATS_MAX = 1_000
const REPEATS_NOTHING = new Set(['(', '(?:', '|', '^', '$', '\\b', '\\B'])

/** The same pattern for ECMA-262 (`u`), or what is wrong with it: a sentence without its end. */
export function rulePattern(source: string): { readonly pattern: string } | { readonly fault: string; at: number } {
  let pattern = ''
  let repeats = 1
  for (let at = 0; at < source.length; ) {
    const step = source[at] === '[' ? characterClass(source, at) : take(ATOM, source, at)
    if (step === null) return { fault: `"${excerpt(source, at)}" is not supported in matches()`, at }
    pattern += typeof step === 'string' ? atom(step) : step.text
    at += step.length
    const quantifier = take(QUANTIFIER, source, at)
    if (quantifier === null) continue
    // `(?` followed by something else than `:` begins what only one of the two knows.
    if (step === '(' && quantifier.startsWith('?'))
      return {
        fault: `"${excerpt(source, at - 1)}" begins a look-around, a flag or a name, which are not supported in matches()`,
        at: at - 1,
      }
    if (typeof step === 'string' && REPEATS_NOTHING.has(step)) return { fault: `"${step}" cannot be repeated`, at }
    repeats *= greatestCount(quantifier)
    if (repeats > REPEATS_MAX)
      return { fault: `counted repeats that multiply to more than ${REPEATS_MAX} are not supported in matches()`, at }
    pattern += quantifier
    at += quantifier.length
  }
  try {
    new RegExp(pattern, 'u')
    return { pattern }
  } catch (thrown) {
    return { fault: (thrown as Error).message.replace(/^Invalid regular expression: /, '').replace(/\.$/, ''), at: 0 }
  }
}

function atom(text: string): string {
  if (text === '.') return '[^\\n]'
  if (text === '\\s') return '[\\t\\n\\f\\r ]'
  if (text === '\\S') return '[^\\t\\n\\f\\r ]'
  return text
}

function characterClass(source: string, start: number): { readonly text: string; readonly length: number } | null {
  let text = source[start + 1] === '^' ? '[^' : '['
  let at = start + text.length
  const first = at
  while (source[at] !== ']' && at < source.length) {
    const member = take(CLASS_MEMBER, source, at)
    if (member === null || (member === '-' && at > first && source[at + 1] !== ']' && !/[\w]/.test(source[at - 1]!)))
      return null
    text += member === '\\s' ? '\\t\\n\\f\\r ' : member === '^' ? '\\^' : member
    at += member.length
  }
  return at === first || at >= source.length ? null : { text: `${text}]`, length: at + 1 - start }
}

function greatestCount(quantifier: string): number {
  return Math.max(1, ...(quantifier.match(/\d+/g) ?? []).map(Number))
}

function take(expression: RegExp, source: string, at: number): string | null {
  expression.lastIndex = at
  return expression.exec(source)?.[0] ?? null
}

function excerpt(source: string, at: number): string {
  return source.slice(at, at + 12)
}
