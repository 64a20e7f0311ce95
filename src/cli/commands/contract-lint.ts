import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Problem, parseContract } from '../../contract/index.ts'
import { CovenantError, messageOf } from '../../kernel/index.ts'
import { lintContracts, refuseNoProject } from '../../runtime/project.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'

/** Reports every problem of the given contract files, or of all of the project; exit code 1 where one is an error. */
export function contractLint(context: CommandContext, files: readonly string[]): void {
  const results =
    files.length > 0
      ? files.map((file) => ({ file, problems: parseContract(read(file), file).problems }))
      : lintProject(context.projectDir)
  const problems = results.flatMap((result) => result.problems)
  const errors = problems.filter(({ severity }) => severity === 'error').length
  if (errors > 0) process.exitCode = EXIT.failed
  print(context, { files: results.length, errors, warnings: problems.length - errors, problems }, (report) =>
    [
      ...report.problems.map(line),
      `${report.files} contracts: ${report.errors} errors, ${report.warnings} warnings`,
    ].join('\n'),
  )
}

function lintProject(projectDir: string) {
  refuseNoProject(projectDir)
  return lintContracts(join(projectDir, 'contracts'))
}

function line({ file, line, column, severity, message, suggestion, code }: Problem): string {
  const hint = suggestion ? ` Did you mean ${suggestion}?` : ''
  return `${file}:${line}:${column}  ${severity}  ${message}${message.includes(suggestion ?? '\0') ? '' : hint}  [${code}]`
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CovenantError({
      code: 'CLI_FILE_UNREADABLE',
      message: `The file cannot be read: ${messageOf(cause)}.`,
      where: file,
      remedy: 'Check the path.',
      cause,
    })
  }
}
