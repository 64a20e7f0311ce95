/** Codes of the errors that this stage throws, with their meaning. */
export const ERRORS = {
  VALIDATION_CONTRACT_MISSING: 'A topic was to be validated that no registered contract describes.',
  VALIDATION_PATCH_INVALID: 'The patch of a replay is no JSONata expression.',
  VALIDATION_DEAD_LETTERS_BUSY: 'Other processes keep changing the states of the same dead letters.',
  VALIDATION_DELIVERY_FAILED: 'A typed producer got no answer after all attempts, or a refusal.',
  VALIDATION_EVENT_REFUSED: 'A typed producer was to send events that break their contract; it sent none.',
  VALIDATION_NOT_PAUSED: 'A topic was to be resumed whose validation is not paused.',
} as const
