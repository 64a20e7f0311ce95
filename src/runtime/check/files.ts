import { existsSync, readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { type Contract, type Problem, parseContracts } from '../../contract/index.ts'
import { lintContracts } from '../project.ts'
import type { ContractFile, ContractPair } from './define.ts'
import { type Base, contractFilesAt } from './git.ts'

/** The contract files of the working tree, and those of the base beside them. */
export async function pairContracts(projectDir: string, base: Base): Promise<readonly ContractPair[]> {
  const after = proposedFiles(projectDir, base)
  const all = (await contractFilesAt(base)).flatMap(filesAt)
  const folder = `${base.prefix}contracts/`
  const own = all.filter(({ path }) => path.startsWith(folder))
  // A contract that came from elsewhere in the repository was moved here only where it is gone from there.
  const elsewhere = all.filter(({ path }) => !path.startsWith(folder) && !existsSync(join(base.root, path)))
  return pair(own, after, elsewhere).filter((each) => each.after !== null || !isInvalid(each.before!.path, after))
}

/** Of a file that cannot be read now nobody knows which of its contracts are gone: the report says that it is invalid. */
function isInvalid(path: string, after: readonly ContractFile[]): boolean {
  return after.some((file) => file.path === path && file.contract === null)
}

/**
 * Which file became which: by path and id, then by id (the file was moved), then by path (the id was changed or cannot
 * be read). What is left was added or removed.
 */
export function pair(
  before: readonly ContractFile[],
  after: readonly ContractFile[],
  elsewhere: readonly ContractFile[] = [],
): readonly ContractPair[] {
  const left = new Set(before)
  const partners = new Map<ContractFile, ContractFile>()
  const match = (
    candidates: Iterable<ContractFile>,
    fits: (old: ContractFile, file: ContractFile) => boolean,
  ): void => {
    for (const file of after) {
      if (partners.has(file)) continue
      const found = [...candidates].find((old) => !taken.has(old) && fits(old, file))
      if (found === undefined) continue
      partners.set(file, found)
      taken.add(found)
      left.delete(found)
    }
  }
  const taken = new Set<ContractFile>()
  match(before, (old, file) => old.path === file.path && old.id === file.id)
  match(before, (old, file) => old.id !== null && old.id === file.id)
  match(before, (old, file) => old.path === file.path)
  match(elsewhere, (old, file) => old.id !== null && old.id === file.id)
  return [
    ...after.map((file) => ({ before: partners.get(file) ?? null, after: file })),
    ...[...left].map((file) => ({ before: file, after: null })),
  ]
}

function proposedFiles(projectDir: string, { prefix }: Base): readonly ContractFile[] {
  return lintContracts(join(projectDir, 'contracts')).flatMap(({ file, contracts, problems }) => {
    const path = prefix + relative(resolve(projectDir), resolve(file)).split(sep).join('/')
    const own = problems.map((problem) => ({ ...problem, file: path }))
    return filesOf({ path, text: readFileSync(file, 'utf8') }, contracts, own)
  })
}

function filesAt(file: { readonly path: string; readonly text: string }): readonly ContractFile[] {
  const { contracts, problems } = parseContracts(file.text, file.path)
  return filesOf(file, contracts, errorsOf(problems))
}

/** One for each contract that a file holds, and one for a file that holds none; the first has the problems. */
function filesOf(
  { path, text }: { readonly path: string; readonly text: string },
  contracts: readonly Contract[],
  problems: readonly Problem[],
): readonly ContractFile[] {
  const found: readonly (Contract | null)[] = contracts.length === 0 ? [null] : contracts
  return found.map((contract, index) => {
    return { path, text, contract, problems: index === 0 ? problems : [], id: idOf(text, contract) }
  })
}

export function errorsOf(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(({ severity }) => severity === 'error')
}

function idOf(text: string, contract: ContractFile['contract']): string | null {
  return contract?.id ?? /^id:[ \t]*(['"]?)([^'"\n#]+?)\1[ \t]*(?:#.*)?$/m.exec(text)?.[2] ?? null
}
