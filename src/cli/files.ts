import { mkdirSync, readFileSync, type WriteFileOptions, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CovenantError, messageOf } from '../kernel/index.ts'

/** The text of a file that was named on the command line. Throws `CLI_FILE_UNREADABLE`. */
export function readNamedFile(file: string): string {
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

/** Makes the folders around a file that is going to be written. Throws `CLI_FILE_UNWRITABLE`. */
export function makeFolderOf(file: string): void {
  writing(file, () => mkdirSync(dirname(file), { recursive: true }))
}

/** Writes a file that a verb makes, and the folders around it. Throws `CLI_FILE_UNWRITABLE`. */
export function writeNamedFile(file: string, text: string, options: WriteFileOptions = {}): void {
  makeFolderOf(file)
  writing(file, () => writeFileSync(file, text, options))
}

function writing(file: string, write: () => void): void {
  try {
    write()
  } catch (cause) {
    throw new CovenantError({
      code: 'CLI_FILE_UNWRITABLE',
      message: `The file cannot be written: ${messageOf(cause)}.`,
      where: file,
      remedy: 'Choose another place, or move the file that is there.',
      cause,
    })
  }
}
