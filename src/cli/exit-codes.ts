/** Exit codes of the command line, for scripts. */
export const EXIT = {
  done: 0,
  /** Something went wrong, or a check found an error. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** A gate stopped the run, or the trigger policy did not start it. */
  stopped: 3,
} as const
