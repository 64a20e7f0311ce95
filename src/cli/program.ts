import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { contractVerbs } from './verbs/contract.ts'
import { deadLetterVerbs } from './verbs/dead-letters.ts'
import { historyVerbs } from './verbs/history.ts'
import { loopVerbs } from './verbs/loop.ts'
import { toolVerbs } from './verbs/tools.ts'
import { topicVerbs } from './verbs/topic.ts'
import { validationVerbs } from './verbs/validation.ts'

const HELP = `
Examples:
  covenant contract lint                        check every contract of the project
  covenant contract check                       may a pull request change them so, and who approves?
  covenant apply                                register contracts, deploy pipelines
  covenant produce flights.arrived events.ndjson
  covenant dlq list                             why records were refused, by fingerprint
  covenant dlq replay flights.arrived           which of them the current contract accepts; --execute sends those
  covenant run delay                            train now, behind the gates
  covenant why prediction-0a1b2c3d4e5f          from a prediction back to the raw events
  covenant dev --port 7070                      the whole loop in one process

Exit codes: 0 done; 1 an error; 2 a wrong command line; 3 a gate or the trigger policy said no.
Every verb takes --project, --state and --json; covenant <verb> --help shows an example.`

/** The command line of Covenant. Verbs are loaded when they are called, so that `--help` answers at once. */
export function buildProgram(): Command {
  const program = new Command('covenant')
    .description('Data contracts, validated streams, features and gated continuous training: one loop, one program.')
    .version(packageVersion())
    .option('-p, --project <dir>', 'folder with covenant.config.ts', '.')
    .option('-s, --state <dir>', 'folder that holds all state (default: <project>/.covenant)')
    .option('--json', 'print one JSON document instead of text')
    .exitOverride()
    .showHelpAfterError('(add --help for usage)')
    .showSuggestionAfterError()
    .addHelpText('after', HELP)
  contractVerbs(program)
  validationVerbs(program)
  loopVerbs(program)
  deadLetterVerbs(program)
  topicVerbs(program)
  historyVerbs(program)
  toolVerbs(program)
  return program
}

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
