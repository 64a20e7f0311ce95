/** Codes of the errors of the SLA stage. A breach is not one of them: it is a verdict. */
export const ERRORS = {
  SLA_RULE_FAILED: 'A quality rule could not be evaluated: its SQL is wrong or names a field that is not there.',
  TEST_OUTPUT_UNKNOWN: 'The file for failing rows has a name that says no format.',
} as const
