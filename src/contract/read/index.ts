import { CovenantError, contentHash, isJsonObject, type JsonObject } from '../../kernel/index.ts'
import type { Contract } from '../define.ts'
import type { ContractErrorCode } from '../errors.ts'
import { checkStructure } from '../odcs/structure.ts'
import { modernQuality } from '../odcs/upgrade.ts'
import { formatPath, formatProblem, type Path, type Problem, type Report } from '../problem.ts'
import { type ReadContract, readContractDocument } from './document.ts'
import { readYaml, type YamlText } from './yaml.ts'

/** More problems than a reader can use; a hostile file could cause millions. */
const MAX_PROBLEMS = 200
/** Longer messages quote what stands in the file, which can be anything. */
const MAX_MESSAGE = 600

/** What a contract file holds, and all that is wrong with it. */
export interface ContractFile {
  /** One for each schema object; none where a problem is an error. */
  readonly contracts: readonly Contract[]
  /** In the order of the file, at most 200. */
  readonly problems: readonly Problem[]
}

/**
 * Reads an ODCS 3.0–3.2 document (YAML) and reports all that is wrong with it, by position. Never throws. A document
 * with one schema object is one contract, with the document's id; one with several is a contract for each of them, whose
 * id is the document's, a slash, and the object's id or name.
 *
 * @param file What problems name as their file; it is not opened.
 * @example
 * const { contracts, problems } = parseContracts(readFileSync(path, 'utf8'), path)
 * for (const problem of problems) console.log(`${problem.file}:${problem.line}: ${problem.message}`)
 */
export function parseContracts(yamlText: string, file: string): ContractFile {
  return finish(openContractFile(yamlText, file))
}

/** Errors that say nothing against reading a contract, which was registered before the lint knew them. */
const OF_NEW_CONTRACTS: readonly ContractErrorCode[] = ['CONTRACT_AVRO_UNSUPPORTED']

/**
 * Reads a contract version that is registered: a version that was let in stays readable, whatever later lints refuse.
 *
 * @throws CovenantError `CONTRACT_INVALID`
 */
export function readRegistered(yamlText: string, file: string, id: string): Contract {
  const opened = openContractFile(yamlText, file)
  const kept = opened.problems.filter(({ code }) => !OF_NEW_CONTRACTS.includes(code))
  const { contracts } = finish({ ...opened, problems: kept })
  return contracts.find((each) => each.id === id) ?? readContract(yamlText, file, id)
}

/** An ODCS document that is read and held against the official JSON schema, and nothing more. */
export interface OpenDocument {
  /** `null` where the YAML cannot be read. */
  readonly document: JsonObject | null
  readonly problems: Problem[]
  readonly report: Report
}

export function openDocument(text: string, file: string): OpenDocument {
  const yaml = readYaml(text)
  const { report, problems } = collector(yaml, file)
  for (const problem of yaml.problems)
    problems.push({ severity: 'error', ...problem, file, path: '', suggestion: null })
  if (yaml.value !== undefined && !isJsonObject(yaml.value))
    report.error(
      [],
      'CONTRACT_WRONG_TYPE',
      'A contract is a mapping that starts with apiVersion, kind, id, version, status.',
    )
  if (!isJsonObject(yaml.value)) return { document: null, problems, report }
  checkStructure(modernQuality(yaml.value), report)
  return { document: yaml.value, problems, report }
}

/** A contract file that is read, to which checks across files may still add problems. */
export interface OpenContractFile extends OpenDocument {
  readonly file: string
  readonly text: string
  readonly contracts: readonly ReadContract[]
}

export function openContractFile(text: string, file: string): OpenContractFile {
  const opened = openDocument(text, file)
  const { document, report } = opened
  const contracts = document === null ? [] : readContractDocument(modernQuality(document), report)
  return { ...opened, file, text, contracts: contracts.map((contract) => ({ ...contract, document: document! })) }
}

/** The contracts of a file, once all checks have been made. */
export function finish({ text, document, contracts, problems }: OpenContractFile): ContractFile {
  problems.sort((a, b) => a.line - b.line || a.column - b.column)
  const valid = document !== null && !problems.some(({ severity }) => severity === 'error')
  const hash = valid ? contentHash(document) : ''
  return {
    contracts: valid ? contracts.map((contract) => ({ ...contract, source: text, hash })) : [],
    problems: problems.slice(0, MAX_PROBLEMS),
  }
}

/**
 * Reads the one contract of an ODCS document, or the one of that `id` where the document has several schema objects.
 *
 * @returns `contract` is `null` where a problem is an error; problems are those of the whole file.
 */
export function parseContract(
  yamlText: string,
  file: string,
  id?: string,
): { contract: Contract | null; problems: readonly Problem[] } {
  const { contracts, problems } = parseContracts(yamlText, file)
  const contract = contracts.length === 1 ? contracts[0] : contracts.find((each) => each.id === id)
  if (contract !== undefined || contracts.length === 0) return { contract: contract ?? null, problems }
  const message = `The file holds the contracts ${contracts.map((each) => each.id).join(', ')}: say which one is meant.`
  const problem: Problem = {
    severity: 'error',
    code: 'CONTRACT_UNSUPPORTED',
    message,
    file,
    line: 1,
    column: 1,
    path: 'schema',
    suggestion: null,
  }
  return { contract: null, problems: [problem, ...problems] }
}

/**
 * Reads an ODCS document that must be right: its one contract, or the one of that `id`.
 *
 * @throws CovenantError `CONTRACT_INVALID`, whose message lists all problems, one a line.
 * @example const contract = readContract(readFileSync('contracts/weather.odcs.yaml', 'utf8'), 'contracts/weather.odcs.yaml')
 */
export function readContract(yamlText: string, file: string, id?: string): Contract {
  const { contract, problems } = parseContract(yamlText, file, id)
  if (contract !== null) return contract
  const errors = problems.filter(({ severity }) => severity === 'error')
  const count = errors.length === 1 ? '1 error' : `${errors.length} errors`
  throw new CovenantError({
    code: 'CONTRACT_INVALID',
    message: `The contract has ${count}:\n${errors.map((problem) => `  ${formatProblem(problem)}`).join('\n')}`,
    where: file,
    remedy: 'Mend what is listed, and check with: covenant contract lint.',
  })
}

/** Gathers what the readers report, with positions. The list grows no further than the limit allows to sort sensibly. */
function collector(yaml: YamlText, file: string): { report: Report; problems: Problem[] } {
  const problems: Problem[] = []
  // What is wrong with a part that all schema objects share is found once for each of them.
  const known = new Set<string>()
  const add =
    (severity: Problem['severity']) =>
    (path: Path, code: Problem['code'], message: string, suggestion: string | null = null) => {
      const name = `${formatPath(path)} ${code} ${message}`
      if (problems.length >= 10 * MAX_PROBLEMS || known.has(name)) return
      known.add(name)
      const shown = message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 1)}…` : message
      problems.push({
        severity,
        code,
        message: shown,
        file,
        ...yaml.locate(path),
        path: formatPath(path),
        suggestion,
      })
    }
  return { report: { error: add('error'), warning: add('warning') }, problems }
}
