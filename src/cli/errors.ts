/** Codes of the errors that the command line reports, and what each means. */
export const ERRORS = {
  CLI_USAGE: 'The command line is wrong: an unknown verb or option, too many or too few arguments.',
  CLI_OPTION_INVALID: 'The value of an option cannot be used.',
  CLI_FILE_UNREADABLE: 'A file that was named on the command line cannot be read.',
  CLI_FILE_UNWRITABLE: 'A file that a verb is to write cannot be written.',
  CLI_UNEXPECTED: 'Something failed that Covenant has no name for; COVENANT_TRACE=1 shows where it came from.',
} as const
