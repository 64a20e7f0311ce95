import { CovenantError, contentHash, isJsonObject, type JsonObject } from '../../kernel/index.ts'
import type { Contract } from '../define.ts'
import { checkStructure } from '../odcs/structure.ts'
import { formatPath, formatProblem, type Path, type Problem, type Report } from '../problem.ts'
import { readContractDocument } from './document.ts'
import { readYaml, type YamlText } from './yaml.ts'

/** More problems than a reader can use; a hostile file could cause millions. */
const MAX_PROBLEMS = 200

/**
 * Reads an ODCS 3.0–3.2 document (YAML) and reports all that is wrong with it, by position. Never throws.
 *
 * @param file What problems name as their file; it is not opened.
 * @returns `contract` is `null` when a problem is an error. Problems stand in the order of the file, at most 200.
 * @example
 * const { contract, problems } = parseContract(readFileSync(path, 'utf8'), path)
 * for (const problem of problems) console.log(`${problem.file}:${problem.line}: ${problem.message}`)
 */
export function parseContract(yamlText: string, file: string): { contract: Contract | null; problems: Problem[] } {
  const yaml = readYaml(yamlText)
  if (yaml.value === undefined)
    return {
      contract: null,
      problems: yaml.problems
        .slice(0, MAX_PROBLEMS)
        .map((problem) => ({ severity: 'error', ...problem, file, path: '', suggestion: null })),
    }
  const { report, problems } = collector(yaml, file)
  if (!isJsonObject(yaml.value)) {
    report.error(
      [],
      'CONTRACT_WRONG_TYPE',
      'A contract is a mapping that starts with apiVersion, kind, id, version, status.',
    )
    return { contract: null, problems }
  }
  const document: JsonObject = yaml.value
  checkStructure(document, report)
  const contract = readContractDocument(document, report)
  problems.sort((a, b) => a.line - b.line || a.column - b.column)
  const valid = !problems.some(({ severity }) => severity === 'error')
  return {
    contract: valid && contract !== null ? { ...contract, source: yamlText, hash: contentHash(document) } : null,
    problems: problems.slice(0, MAX_PROBLEMS),
  }
}

/**
 * Reads an ODCS document that must be right.
 *
 * @throws CovenantError `CONTRACT_INVALID`, whose message lists all problems, one a line.
 * @example const contract = readContract(readFileSync('contracts/weather.odcs.yaml', 'utf8'), 'contracts/weather.odcs.yaml')
 */
export function readContract(yamlText: string, file: string): Contract {
  const { contract, problems } = parseContract(yamlText, file)
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
  const add =
    (severity: Problem['severity']) =>
    (path: Path, code: Problem['code'], message: string, suggestion: string | null = null) => {
      if (problems.length >= 10 * MAX_PROBLEMS) return
      problems.push({ severity, code, message, file, ...yaml.locate(path), path: formatPath(path), suggestion })
    }
  return { report: { error: add('error'), warning: add('warning') }, problems }
}
