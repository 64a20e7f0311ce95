import { readFileSync } from 'node:fs'
import { CovenantError, messageOf } from '../kernel/index.ts'

/** The text of a file that was named on the command line. Throws `CLI_FILE_UNREADABLE`. */
export function readContractFile(file: string): string {
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
