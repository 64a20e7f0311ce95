import { CovenantError, messageOf } from '../kernel/errors.ts'
import { buildProgram } from './program.ts'

// A reader that closes the pipe early (`covenant runs | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

try {
  await buildProgram().parseAsync(process.argv)
} catch (thrown) {
  if (process.argv.includes('--json') && thrown instanceof CovenantError)
    process.stdout.write(`${JSON.stringify({ error: thrown.toJSON() })}\n`)
  process.stderr.write(`covenant: ${thrown instanceof CovenantError ? thrown.toLine() : messageOf(thrown)}\n`)
  process.exitCode = 1
}
