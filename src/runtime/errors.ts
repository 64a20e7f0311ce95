/** Codes of the errors that the runtime throws, and what each means. */
export const ERRORS = {
  PROJECT_NOT_FOUND: 'The folder given as the project has no covenant.config.ts.',
  PROJECT_FILE_INVALID: 'A file of the project cannot be loaded, or declares something wrong.',
  PROJECT_NAME_TWICE: 'Two definitions of one kind have the same name.',
  PROJECT_NAME_UNKNOWN: 'A name that was asked for is not declared in the project.',
  STATE_IN_USE: 'Another process works on the same state folder.',
  STATE_NOT_WRITABLE: 'The state folder cannot be written.',
} as const
