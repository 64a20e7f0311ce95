import { posix } from 'node:path'
import { type ContractFile, finish, type OpenContractFile, openContractFile } from './index.ts'
import { checkReferences } from './references.ts'

/** A contract file of a project. */
export interface ContractText {
  readonly file: string
  readonly text: string
}

/**
 * Reads the contract files of a project together: each as `parseContracts` does, and what must fit between them. No two
 * contracts share an id or a topic, and every relationship refers to a field that is there, of the same type.
 *
 * @param around Files that may be referred to, and are not reported on.
 */
export function parseContractFiles(
  files: readonly ContractText[],
  around: readonly ContractText[] = [],
): readonly (ContractFile & { readonly file: string })[] {
  const own = files.map(({ file, text }) => openContractFile(text, file))
  const shown = new Set(files.map(({ file }) => posix.normalize(file)))
  const others = new Map(around.map((each) => [posix.normalize(each.file), each]))
  for (const file of shown) others.delete(file)
  const all = [...own, ...[...others.values()].map(({ file, text }) => openContractFile(text, file))]
  checkTwins(own)
  for (const file of own) checkReferences(file, all)
  return own.map((file) => ({ file: file.file, ...finish(file) }))
}

function checkTwins(files: readonly OpenContractFile[]): void {
  const topics = new Map<string, string>()
  const ids = new Map<string, string>()
  for (const { file, contracts, report } of files) {
    for (const [index, { topic }] of contracts.entries()) {
      const twin = topics.get(topic)
      if (twin !== undefined)
        report.error(
          ['schema', index],
          'CONTRACT_NAME_REPEATED',
          `The topic ${topic} has a contract already, in ${twin}. Rename one of the two.`,
        )
    }
    // One of them is enough: where the document's id is there twice, all ids are.
    const twin = contracts.find(({ id }) => ids.has(id))
    const clash = contracts.some(({ topic }) => topics.has(topic))
    if (twin !== undefined && !clash)
      report.error(
        ['id'],
        'CONTRACT_NAME_REPEATED',
        `The id ${twin.id} stands in ${ids.get(twin.id)} already. Give each contract an id of its own.`,
      )
    for (const { id, topic } of contracts) {
      topics.set(topic, topics.get(topic) ?? file)
      ids.set(id, ids.get(id) ?? file)
    }
  }
}
