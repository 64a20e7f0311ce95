/** Codes of the errors that this stage throws, with their meaning. */
export const ERRORS = {
  VALIDATION_CONTRACT_MISSING: 'A topic was to be validated that no registered contract describes.',
  VALIDATION_PATCH_INVALID: 'The patch of a replay is no JSONata expression.',
  VALIDATION_DEAD_LETTERS_BUSY: 'Other processes keep changing the states of the same dead letters.',
  VALIDATION_NOT_PAUSED: 'A topic was to be resumed whose validation is not paused.',
} as const
