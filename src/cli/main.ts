import { CommanderError } from 'commander'
import { CovenantError, messageOf } from '../kernel/errors.ts'
import { EXIT } from './exit-codes.ts'
import { buildProgram } from './program.ts'

// A reader that closes the pipe early (`covenant runs | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

try {
  await buildProgram().parseAsync(process.argv)
} catch (thrown) {
  process.exitCode = report(thrown, process.argv.includes('--json'))
}

/** Tells what went wrong, on standard error and with `--json` as one object on standard output; returns the exit code. */
function report(thrown: unknown, json: boolean): number {
  if (thrown instanceof CommanderError) {
    // Commander has printed its message, or the help text that was asked for.
    if (thrown.exitCode === 0) return EXIT.done
    if (json) printError({ code: 'CLI_USAGE', message: thrown.message.replace(/^error: /, ''), retryable: false })
    return EXIT.usage
  }
  if (thrown instanceof CovenantError) {
    if (json) printError(thrown.toJSON())
    process.stderr.write(`covenant: ${thrown.toLine()}\n`)
    return thrown.code === 'CLI_OPTION_INVALID' ? EXIT.usage : EXIT.failed
  }
  if (json) printError({ code: 'CLI_UNEXPECTED', message: messageOf(thrown), retryable: false })
  const trace = process.env.COVENANT_TRACE ? `\n${thrown instanceof Error ? thrown.stack : ''}` : ''
  process.stderr.write(`covenant: ${messageOf(thrown)} (COVENANT_TRACE=1 shows where this came from)${trace}\n`)
  return EXIT.failed
}

function printError(error: object): void {
  process.stdout.write(`${JSON.stringify({ error })}\n`)
}
