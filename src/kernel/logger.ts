import { type Clock, systemClock, toIso } from './clock.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

export interface Logger {
  log(level: LogLevel, message: string, fields?: LogFields): void
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/** One JSON object a line on standard error (or `write`), from `level` upwards. */
export function jsonLogger(
  level: LogLevel = 'warn',
  clock: Clock = systemClock,
  write: (line: string) => void = (line) => void process.stderr.write(line),
): Logger {
  return {
    log(messageLevel, message, fields) {
      if (RANK[messageLevel] < RANK[level]) return
      write(`${JSON.stringify({ time: toIso(clock.now()), level: messageLevel, message, ...fields })}\n`)
    },
  }
}

/** Says nothing. */
export const silentLogger: Logger = { log() {} }
