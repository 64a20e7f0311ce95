/** Codes of the errors that this stage throws, with their meaning. */
export const ERRORS = {
  VALIDATION_CONTRACT_MISSING: 'A topic was to be validated that no registered contract describes.',
  VALIDATION_PLAN_INVALID: 'A validation plan holds a pattern or a bound that cannot be executed.',
} as const
