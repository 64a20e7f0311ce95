import { isJsonObject, type Json, type JsonObject } from '../../../../kernel/index.ts'
import { type Steps, StepsSpent } from '../accepts.ts'
import type { JsonSchemaDocument, UndecidedPlace } from '../define.ts'
import type { Gap } from './define.ts'
import type { Formula } from './formula.ts'
import { Prover } from './prover.ts'

export interface Proof {
  /** Where the proof got stuck; `null` for a proof. */
  readonly gap: UndecidedPlace | null
  /** Texts at which the schemas may differ, for whoever looks for an instance. */
  readonly hints: readonly string[]
}

/** Whether every instance of one schema is shown to be one of another. Sound, and bounded by `steps`. */
export function prove(accepting: JsonSchemaDocument, refusing: JsonSchemaDocument, steps: Steps): Proof {
  const beyond = beyondProof(accepting) ?? beyondProof(refusing)
  if (beyond !== undefined) return { gap: place('', '#', beyond), hints: [] }
  const prover = new Prover(steps)
  const term = (document: JsonSchemaDocument): Formula => ({ kind: 'term', term: { document, schema: document.root } })
  try {
    const gap = prover.gap([term(accepting)], [term(refusing)], '')
    return { gap: gap && toPlace(gap, accepting, refusing), hints: [...prover.hints] }
  } catch (thrown) {
    if (!(thrown instanceof StepsSpent || thrown instanceof RangeError)) throw thrown
    return { gap: BUDGET, hints: [...prover.hints] }
  }
}

/** What is said where the steps were spent. */
export const BUDGET: UndecidedPlace = {
  path: '',
  schemaPath: '#',
  keyword: 'budget',
  message:
    'undecided: budget. The schemas are too large to look at every place within the steps that a comparison has.',
}

/** Names that every JavaScript object has: ajv takes them for members of the instance. */
const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype))

/** A keyword of which the meaning depends on more than the schema that holds it. */
function beyondProof({ root, text }: JsonSchemaDocument): string | undefined {
  const dynamic = /"(\$dynamicRef|\$recursiveRef)":/.exec(text)?.[1]
  if (dynamic !== undefined) return dynamic
  const [inherited] = [...text.matchAll(/"([A-Za-z_]+)"/g)].filter(([, name]) => INHERITED.has(name!))
  return inherited === undefined || root === true ? undefined : inherited[1]
}

function toPlace({ path, atom }: Gap, ...documents: readonly JsonSchemaDocument[]): UndecidedPlace {
  if (atom === null) return place(path, '#', 'depth')
  const document = documents.toReversed().find((each) => each === atom.document)
  const pointer = document === undefined ? null : pointerTo(document.root, atom.owner)
  return place(path, pointer === null ? '#' : `#${pointer}/${atom.keyword}`, atom.keyword)
}

function place(path: string, schemaPath: string, keyword: string): UndecidedPlace {
  const where = path === '' ? 'the document' : path
  const message = `undecided: ${keyword}. No instance tried shows a difference, and no rule shows that there is none: look at "${keyword}" of ${where}.`
  return { path, schemaPath, keyword, message }
}

function pointerTo(root: Json, sought: JsonObject): string | null {
  const open: [Json, string][] = [[root, '']]
  while (open.length > 0) {
    const [value, pointer] = open.pop()!
    if (value === sought) return pointer
    if (Array.isArray(value)) for (const [index, each] of value.entries()) open.push([each, `${pointer}/${index}`])
    else if (isJsonObject(value))
      for (const [key, each] of Object.entries(value))
        open.push([each, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`])
  }
  return null
}
