import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Problem, parseContract } from '../../contract/index.ts'
import { CovenantError, messageOf } from '../../kernel/index.ts'
import { lintContracts } from '../../runtime/index.ts'
import type { CommandContext } from '../context.ts'
import { print } from '../print.ts'

/** Reports every problem of the given contract files, or of all of the project; exit code 1 where one is an error. */
export function contractLint(context: CommandContext, files: readonly string[]): void {
  const results =
    files.length > 0
      ? files.map((file) => ({ file, problems: parseContract(read(file), file).problems }))
      : lintContracts(join(context.projectDir, 'contracts'))
  const problems = results.flatMap((result) => result.problems)
  const errors = problems.filter(({ severity }) => severity === 'error').length
  if (errors > 0) process.exitCode = 1
  print(context, { files: results.length, errors, warnings: problems.length - errors, problems }, (report) =>
    [
      ...report.problems.map(line),
      `${report.files} contracts: ${report.errors} errors, ${report.warnings} warnings`,
    ].join('\n'),
  )
}

function line(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column}  ${problem.severity}  ${problem.message}  [${problem.code}]`
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
