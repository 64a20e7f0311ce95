/** Codes of the errors that the monitoring stage throws, and what each means. */
export const ERRORS = {
  MONITOR_INVALID: 'The definition of a monitor is wrong: a duration, a cron expression, a bound, an unknown feature.',
} as const
