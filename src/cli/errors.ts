/** Codes of the errors that the command line itself makes, and what each means. */
export const ERRORS = {
  CLI_EVENT_INVALID: 'A line of the events that were to be produced is no event.',
  CLI_FILE_UNREADABLE: 'A file that was named on the command line cannot be read.',
  CLI_OPTION_INVALID: 'The value of an option cannot be used.',
} as const
