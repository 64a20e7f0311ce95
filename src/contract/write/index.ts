import { Document, parseDocument, type ScalarTag, type Tags, type ToStringOptions, visit } from 'yaml'
import { CovenantError, type JsonObject } from '../../kernel/index.ts'
import type { Contract } from '../define.ts'
import { ODCS_VERSION, upgradeDocument } from '../odcs/upgrade.ts'
import { formatProblem, type Problem } from '../problem.ts'
import { openDocument } from '../read/index.ts'
import { canonicalLevel } from '../read/sla.ts'
import { orderKeys } from './order.ts'
import { patch } from './patch.ts'

const STYLE: ToStringOptions = { lineWidth: 0, flowCollectionPadding: false }

/**
 * Writes a contract, or an ODCS 3.x document, as ODCS 3.2 in YAML: every section, in one order of keys. Of a contract
 * the text that it was read from is edited, so that comments stay. What deprecated forms become, `upgradeDocument` says.
 *
 * @throws CovenantError `CONTRACT_INVALID` for a document that is not ODCS 3.x.
 * @example writeFileSync('contracts/orders.odcs.yaml', writeContract(contract))
 */
export function writeContract(contract: Contract | JsonObject): string {
  const source = 'source' in contract && typeof contract.source === 'string' ? contract.source : null
  const text = source ?? new Document(contract, { aliasDuplicateObjects: false }).toString(STYLE)
  const formatted = formatContract(text, typeof contract.id === 'string' ? contract.id : 'contract')
  if (formatted.text !== null) return formatted.text
  throw new CovenantError({
    code: 'CONTRACT_INVALID',
    message: `The document is not ODCS 3:\n${formatted.problems.map((problem) => `  ${formatProblem(problem)}`).join('\n')}`,
    where: String(contract.id ?? 'contract'),
    remedy: 'Mend what is listed.',
  })
}

export interface FormattedContract {
  /** `null` where the text is not an ODCS 3.x document. */
  readonly text: string | null
  /** Why it is not. */
  readonly problems: readonly Problem[]
}

/**
 * Brings the text of an ODCS 3.x document to ODCS 3.2 and its keys into one order; comments stay with what they stand
 * before or beside. YAML aliases are written out. Formatting a formatted text changes nothing.
 */
export function formatContract(text: string, file: string): FormattedContract {
  const { document, problems, report } = openDocument(text, file)
  const apiVersion = document?.apiVersion
  if (typeof apiVersion === 'string' && !apiVersion.startsWith('v3.'))
    report.error(['apiVersion'], 'CONTRACT_UNSUPPORTED', `ODCS ${apiVersion} cannot be brought to ${ODCS_VERSION}.`)
  if (document === null || problems.length > 0) return { text: null, problems }
  const upgraded = upgradeDocument(document, canonicalLevel)
  const tree = parseDocument(text, { customTags: verbatimNumbers, stringKeys: true, uniqueKeys: false })
  writeOut(tree)
  tree.contents = patch(tree, tree.contents, upgraded) as typeof tree.contents
  orderKeys(tree.contents, upgraded)
  return { text: tree.toString(STYLE), problems: [] }
}

/** Numbers stay as they are written: `1.50`, `0x1F`, and those with more digits than JavaScript holds. */
function verbatimNumbers(tags: Tags): Tags {
  return tags.map((tag) => {
    if (typeof tag === 'string' || !/:(int|float)$/.test(tag.tag)) return tag
    const { stringify } = tag as ScalarTag
    return { ...tag, stringify: (node, ...rest) => node.source ?? stringify?.(node, ...rest) ?? String(node.value) }
  }) as Tags
}

/** An alias would stand before its anchor once keys have changed their order. */
function writeOut(tree: Document): void {
  visit(tree, {
    Alias(_key, alias) {
      const target = alias.resolve(tree)
      return target === undefined ? undefined : (target.clone() as typeof target)
    },
  })
  visit(tree, {
    Node(_key, node) {
      if ('anchor' in node) delete node.anchor
    },
  })
}
