import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ContractText, formatContract } from '../../contract/index.ts'
import { contractTexts, refuseNoProject } from '../../runtime/project.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { readNamedFile } from '../files.ts'
import { counted, print } from '../print.ts'

export interface FormatOptions {
  readonly check?: boolean
  readonly write?: boolean
}

/**
 * Brings contract files to ODCS 3.2 and one order of keys: prints them, or with `write` writes them, or with `check`
 * only tells which would change. Exit code 1 where a file cannot be formatted, and with `check` where one would change.
 */
export function contractFormat(context: CommandContext, files: readonly string[], options: FormatOptions): void {
  const results = textsOf(context, files).map(({ file, text }) => {
    const formatted = formatContract(text, file)
    return { file, changed: formatted.text !== null && formatted.text !== text, ...formatted }
  })
  const failed = results.filter(({ text }) => text === null)
  const changed = results.filter((result) => result.changed)
  if (options.write && failed.length === 0) for (const { file, text } of changed) writeFileSync(file, text!)
  if (failed.length > 0 || (options.check && changed.length > 0)) process.exitCode = EXIT.failed
  const quiet = options.check || options.write
  const report = results.map(({ text, ...result }) => (quiet ? result : { ...result, text }))
  print(context, { files: report }, () =>
    failed.length > 0 || quiet
      ? [
          ...failed.flatMap(({ problems }) =>
            problems.map(({ file, line, column, message, code }) => `${file}:${line}:${column}  ${message}  [${code}]`),
          ),
          ...changed.map(
            ({ file }) => `${options.write && failed.length === 0 ? 'formatted' : 'would change'}  ${file}`,
          ),
          `${counted(results.length, 'contract file')}: ${changed.length} changed, ${failed.length} not ODCS 3`,
        ].join('\n')
      : results.map(({ text }) => text).join('---\n'),
  )
}

function textsOf({ projectDir }: CommandContext, files: readonly string[]): readonly ContractText[] {
  if (files.length > 0) return files.map((file) => ({ file, text: readNamedFile(file) }))
  refuseNoProject(projectDir)
  return contractTexts(join(projectDir, 'contracts'))
}
