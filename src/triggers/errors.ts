/** Codes of the errors that the triggers stage throws, and what each means. */
export const ERRORS = {
  TRIGGER_INVALID: 'The definition of a trigger is wrong: a duration, a cron expression, a bound.',
  TRIGGER_TWICE: 'Two triggers name the same pipeline; a pipeline has one policy.',
  TRIGGER_UNKNOWN_SIGNAL: 'An update was asked for of a signal that is not in the ledger.',
  TRIGGER_ILLEGAL_STEP: 'A ledger entry was to go from one phase to another that cannot follow it.',
} as const
