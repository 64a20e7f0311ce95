import { lazy } from '../../../kernel/index.ts'

const cel = lazy<typeof import('@bufbuild/cel')>('@bufbuild/cel', import.meta.url)

type CelTree = ReturnType<typeof import('@bufbuild/cel').parse>
type CelExpr = CelTree['expr']

/** Why a text is no rule, and where. */
export class RuleFault extends Error {
  /** 0-based, in UTF-16 units. */
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/** CEL as parsed, macros recognised, nothing resolved. */
export type CelNode = { readonly offset: number } & (
  | { readonly kind: 'literal'; readonly type: 'null'; readonly value: null }
  | { readonly kind: 'literal'; readonly type: 'boolean'; readonly value: boolean }
  | { readonly kind: 'literal'; readonly type: 'integer'; readonly value: bigint }
  | { readonly kind: 'literal'; readonly type: 'number'; readonly value: number }
  | { readonly kind: 'literal'; readonly type: 'string'; readonly value: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'select'; readonly of: CelNode; readonly name: string; readonly test: boolean }
  | { readonly kind: 'list'; readonly items: readonly CelNode[] }
  | {
      readonly kind: 'call'
      readonly name: string
      readonly target: CelNode | null
      readonly args: readonly CelNode[]
    }
  | {
      readonly kind: 'macro'
      readonly name: 'all' | 'exists'
      readonly list: CelNode
      readonly variable: string
      readonly condition: CelNode
    }
)

const EXPRESSION_CHARACTERS_MAX = 4_000
/** Brackets within brackets; the parser recurses. */
const BRACKETS_MAX = 24
const NODES_MAX = 1_000
const DEPTH_MAX = 100

/** @throws RuleFault, for whatever text; takes bounded time and stack. */
export function parseCel(text: string): CelNode {
  checkSize(text)
  let tree: CelTree
  try {
    tree = cel().parse(text)
  } catch (thrown) {
    throw syntaxFault(thrown, text)
  }
  return new TreeReader(tree).read(tree.expr, 0)
}

/** Every opening bracket counts, also in a text: the parser is not to be tried on what this cannot rule out. */
function checkSize(text: string): void {
  if (text.length > EXPRESSION_CHARACTERS_MAX)
    throw new RuleFault(`The expression is longer than ${EXPRESSION_CHARACTERS_MAX} characters.`, 0)
  let open = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if ('([{?'.includes(character)) open++
    else if (')]}:'.includes(character)) open = Math.max(0, open - 1)
    if (open > BRACKETS_MAX) throw new RuleFault(`The expression is nested deeper than ${BRACKETS_MAX} levels.`, at)
  }
}

function syntaxFault(thrown: unknown, text: string): RuleFault {
  const { location, rawMessage } = thrown as { location?: { start?: { offset?: number } }; rawMessage?: string }
  const offset = location?.start?.offset
  if (offset === undefined) return new RuleFault('The expression cannot be read as CEL.', 0)
  // The grammar lists all that could follow: more than helps.
  const found = /^found ([\s\S]*?) but expecting/.exec(rawMessage ?? '')?.[1] ?? text.slice(offset, offset + 1)
  const what = found === 'end of input' ? 'it ends too early' : `${found} is not expected here`
  return new RuleFault(`The expression is no valid CEL: ${what}.`, offset)
}

class TreeReader {
  readonly #info: CelTree['sourceInfo']
  #nodes = 0

  constructor(tree: CelTree) {
    this.#info = tree.sourceInfo
  }

  read(expr: CelExpr, depth: number): CelNode {
    const offset = this.#info?.positions[String(expr.id)] ?? 0
    if (++this.#nodes > NODES_MAX || depth > DEPTH_MAX)
      throw new RuleFault('The expression is too large: write several rules.', offset)
    const inner = (child: CelExpr | undefined) => this.read(child!, depth + 1)
    const { exprKind } = expr
    switch (exprKind.case) {
      case 'constExpr':
        return literal(exprKind.value.constantKind, offset)
      case 'identExpr':
        return { kind: 'name', name: exprKind.value.name, offset }
      case 'selectExpr': {
        const { operand, field, testOnly } = exprKind.value
        return { kind: 'select', of: inner(operand), name: field, test: testOnly, offset }
      }
      case 'callExpr': {
        const { function: name, target, args } = exprKind.value
        return { kind: 'call', name, target: target ? inner(target) : null, args: args.map(inner), offset }
      }
      case 'listExpr':
        return { kind: 'list', items: exprKind.value.elements.map(inner), offset }
      case 'comprehensionExpr': {
        const { iterRange, iterVar, loopStep } = exprKind.value
        const name = macroName(this.#info?.macroCalls[String(expr.id)])
        const step = loopStep?.exprKind.case === 'callExpr' ? loopStep.exprKind.value.args[1] : undefined
        if ((name !== 'all' && name !== 'exists') || exprKind.value.iterVar2 !== '' || step === undefined)
          throw new RuleFault(`${name}() is not supported: use all() or exists() with one variable.`, offset)
        return { kind: 'macro', name, list: inner(iterRange), variable: iterVar, condition: inner(step), offset }
      }
      default:
        throw new RuleFault('Maps and messages are not supported in rules: compare their members.', offset)
    }
  }
}

function macroName(call: CelExpr | undefined): string {
  return call?.exprKind.case === 'callExpr' ? call.exprKind.value.function : 'This macro'
}

type ConstantKind = Extract<CelExpr['exprKind'], { case: 'constExpr' }>['value']['constantKind']

function literal(constant: ConstantKind, offset: number): CelNode {
  switch (constant.case) {
    case 'nullValue':
      return { kind: 'literal', type: 'null', value: null, offset }
    case 'boolValue':
      return { kind: 'literal', type: 'boolean', value: constant.value, offset }
    case 'int64Value':
    case 'uint64Value':
      if (constant.case === 'uint64Value')
        throw new RuleFault('Unsigned integers are not supported: write the number without "u".', offset)
      return { kind: 'literal', type: 'integer', value: BigInt(constant.value), offset }
    case 'doubleValue':
      return { kind: 'literal', type: 'number', value: constant.value, offset }
    case 'stringValue':
      return { kind: 'literal', type: 'string', value: constant.value, offset }
    default:
      throw new RuleFault('Bytes are not supported in rules: JSON has none.', offset)
  }
}
