import type jsonata from 'jsonata'
import { CovenantError, isJsonObject, type Json, lazy, messageOf } from '../../kernel/index.ts'

const library = lazy<typeof jsonata>('jsonata', import.meta.url)
const jsonPatch = lazy<typeof import('rfc6902')>('rfc6902', import.meta.url)

/** What a patch made of a value: the new bytes and the difference (RFC 6902), or why it made nothing. */
export type Patched =
  | { readonly ok: true; readonly value: Uint8Array; readonly diff: readonly Json[] }
  | { readonly ok: false; readonly reason: string }

export type Patch = (value: Uint8Array | null) => Promise<Patched>

/** What one value may cost: an expression without end stops here. */
const TIMEOUT_MS = 1_000
const STACK_MAX = 500
const SEQUENCE_MAX = 100_000
/** A patch is applied again where a replay is resumed after a crash, so it must give the same. */
const UNREPEATABLE = ['now', 'millis', 'random', 'shuffle'] as const
/** Every decimal of so many digits has its own double. */
const DIGITS_OF_DOUBLE = 15

/**
 * Makes a patch of a JSONata expression over the JSON value of a dead letter. Its result is the new value, whole.
 *
 * @throws `VALIDATION_PATCH_INVALID` where the expression is no JSONata
 * @example compilePatch('$merge([$, {"distance": $abs(distance)}])')
 */
export function compilePatch(expression: string): Patch {
  const compiled = compile(expression)
  for (const name of UNREPEATABLE)
    compiled.registerFunction(name, () => {
      throw new Error(`$${name} gives something else each time, which a patch may not`)
    })
  return async (value) => {
    if (value === null) return { ok: false, reason: 'a tombstone has no value that could be patched' }
    const parsed = parseExactly(value)
    if (!parsed.ok) return parsed
    return apply(compiled, parsed.json)
  }
}

function compile(expression: string): jsonata.Expression {
  try {
    return library()(expression, { timeout: TIMEOUT_MS, stack: STACK_MAX, sequence: SEQUENCE_MAX })
  } catch (cause) {
    const { position } = cause as { position?: number }
    throw new CovenantError({
      code: 'VALIDATION_PATCH_INVALID',
      message: `The patch is no JSONata expression: ${textOf(cause)}.`,
      ...(position === undefined ? {} : { where: `character ${position} of the expression` }),
      remedy: 'Write an expression whose result is the whole new value, e.g. $merge([$, {"distance": 0}]).',
      cause,
    })
  }
}

async function apply(compiled: jsonata.Expression, before: Json): Promise<Patched> {
  try {
    const result: unknown = await compiled.evaluate(before)
    const text: string | undefined = JSON.stringify(result)
    if (text === undefined) return { ok: false, reason: 'the patch gives nothing for this value' }
    // What is compared is what a reader will parse: JSONata's own lists carry more than JSON does.
    const after = JSON.parse(text) as Json
    const diff = jsonPatch().createPatch(before, after) as unknown as readonly Json[]
    return { ok: true, value: Buffer.from(text), diff }
  } catch (thrown) {
    return { ok: false, reason: `the patch fails: ${textOf(thrown)}` }
  }
}

/** JSONata throws objects with a message that are no errors. */
function textOf(thrown: unknown): string {
  const message = isJsonObject(thrown) ? thrown.message : undefined
  return typeof message === 'string' ? message : messageOf(thrown)
}

/** The JSON of a value; refuses numbers that would be written back as other ones. */
function parseExactly(
  value: Uint8Array,
): { readonly ok: true; readonly json: Json } | { readonly ok: false; readonly reason: string } {
  let inexact: string | undefined
  const text = Buffer.from(value).toString('utf8')
  try {
    const json = JSON.parse(text, (_key, member: unknown, context?: { source?: string }) => {
      if (typeof member === 'number' && !isExact(member, context?.source ?? '')) inexact ??= context?.source
      return member
    }) as Json
    if (inexact === undefined) return { ok: true, json }
    return { ok: false, reason: `a patch would change the number ${inexact.slice(0, 40)}, which no double holds` }
  } catch {
    return { ok: false, reason: 'its bytes are no JSON, which a patch needs' }
  }
}

function isExact(number: number, source: string): boolean {
  const digits = source.replace(/[eE].*$/, '').replace(/^-?[0.]*|[-.]/g, '').length
  return (digits <= DIGITS_OF_DOUBLE && Number.isFinite(number)) || String(number) === source
}
