/** Codes of the errors that this stage and its adapters throw, with their meaning. */
export const ERRORS = {
  TOPIC_UNKNOWN: 'A topic or partition was named that the log does not have.',
  TOPIC_HOP_ASYNCHRONOUS: 'The body of a hop returned a promise; a hop is one synchronous transaction.',
  TOPIC_LOG_UNAVAILABLE: 'The log could not be written: locked by another process (retryable), or the disk refuses.',
  TOPIC_EVENT_TIME_INVALID: 'A producer was given an event whose event time is no time.',
} as const
