import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'

/** Gives a file new content at one moment: whoever reads it finds the old or the new text, also after a power cut. */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.covenant-tmp`
  try {
    const file = openSync(temporary, 'w')
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (thrown) {
    rmSync(temporary, { force: true })
    throw thrown
  }
}
