import { CovenantError, type Json, messageOf } from '../../kernel/index.ts'

/** The error of a source that no contract can be made of. */
export function importFault(message: string, file: string, cause?: unknown): CovenantError {
  return new CovenantError({
    code: 'CONTRACT_IMPORT_FAILED',
    message,
    where: file,
    remedy: 'Mend the source, or name its format with --from.',
    cause,
  })
}

export function parseJson(text: string, file: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw importFault(`The file is no JSON: ${messageOf(cause)}.`, file, cause)
  }
}
