import { dirname, join, resolve } from 'node:path'
import { type Problem, parseContractFiles } from '../../contract/index.ts'
import { contractTexts, lintContracts, refuseNoProject, shownPath } from '../../runtime/project.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { readNamedFile } from '../files.ts'
import { counted, print } from '../print.ts'

/** Reports every problem of the given contract files, or of all of the project; exit code 1 where one is an error. */
export function contractLint(context: CommandContext, files: readonly string[]): void {
  const results = files.length > 0 ? lintFiles(context.projectDir, files) : lintProject(context.projectDir)
  const problems = results.flatMap((result) => result.problems)
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const contracts = results.reduce((sum, result) => sum + result.contracts.length, 0)
  if (errors > 0) process.exitCode = EXIT.failed
  const report = { files: results.length, contracts, errors, warnings: problems.length - errors, problems }
  print(context, report, () =>
    [
      ...problems.map(line),
      `${counted(report.files, 'contract file')}: ${counted(report.errors, 'error')}, ${counted(report.warnings, 'warning')}`,
    ].join('\n'),
  )
}

function lintProject(projectDir: string) {
  refuseNoProject(projectDir)
  return lintContracts(join(projectDir, 'contracts'))
}

/** Relationships may lead to the other contracts of the project, and to those that lie beside a file. */
function lintFiles(projectDir: string, files: readonly string[]) {
  const texts = files.map((file) => ({ file: shownPath(resolve(file)), text: readNamedFile(file) }))
  const around = [
    ...contractTexts(join(projectDir, 'contracts')),
    ...files.flatMap((file) => contractTexts(dirname(file), 'flat')),
  ]
  return parseContractFiles(texts, around)
}

function line({ file, line, column, severity, message, suggestion, code }: Problem): string {
  const hint = suggestion ? ` Did you mean ${suggestion}?` : ''
  return `${file}:${line}:${column}  ${severity}  ${message}${message.includes(suggestion ?? '\0') ? '' : hint}  [${code}]`
}
