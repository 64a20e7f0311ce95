import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Contract, contractChanges, formatProblem, parseContracts, requiredBump } from '../../contract/index.ts'
import { CovenantError, nameHint, systemClock } from '../../kernel/index.ts'
import { registryOf } from '../../runtime/covenant.ts'
import { loadContracts } from '../../runtime/project.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { readNamedFile } from '../files.ts'
import { print } from '../print.ts'
import { changeText } from '../reports/text.ts'
import { withStores } from '../state.ts'

/** What changed from one version of a contract to another; exit code 1 where anything did, as diff has it. */
export async function contractDiff(context: CommandContext, from: string, to: string): Promise<void> {
  const [earlier, later] = [await contractOf(context, from), await contractOf(context, to)]
  const changes = contractChanges(earlier, later)
  if (changes.length > 0) process.exitCode = EXIT.failed
  const side = ({ id, topic, version }: Contract) => ({ id, topic, version })
  print(context, { from: side(earlier), to: side(later), bump: requiredBump(earlier, later), changes }, (found) =>
    [
      `${found.from.id} ${found.from.version} → ${found.to.id} ${found.to.version}: ${changes.length === 0 ? 'no difference' : `a ${found.bump} version`}`,
      ...found.changes.flatMap(changeText).map((line) => `  ${line}`),
    ].join('\n'),
  )
}

/** A file (`orders.odcs.yaml`, of several objects `orders.odcs.yaml#lines`), `topic@version`, or a topic of the project. */
async function contractOf(context: CommandContext, name: string): Promise<Contract> {
  const [, file = name, object] = /^(.+\.ya?ml)#(.+)$/.exec(name) ?? []
  if (/\.ya?ml$/.test(file) || existsSync(file)) return ofFile(file, object)
  const [, topic, version] = /^(.+)@([^@]+)$/.exec(name) ?? []
  if (topic !== undefined && version !== undefined) return registered(context, topic, version)
  const contracts = loadContracts(join(context.projectDir, 'contracts'))
  return (
    contracts.find((each) => each.topic === name || each.id === name) ??
    refuse(
      name,
      contracts.map((each) => each.topic),
    )
  )
}

function ofFile(file: string, object: string | undefined): Contract {
  const { contracts, problems } = parseContracts(readNamedFile(file), file)
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0)
    throw new CovenantError({
      code: 'CONTRACT_INVALID',
      message: errors.slice(0, 5).map(formatProblem).join('\n'),
      where: file,
      remedy: 'Mend the file; `covenant contract lint` shows all problems.',
    })
  const found =
    object === undefined && contracts.length === 1 ? contracts[0] : contracts.find((each) => each.object === object)
  return (
    found ??
    refuse(
      object === undefined ? file : `${file}#${object}`,
      contracts.map((each) => `${file}#${each.object}`),
    )
  )
}

function registered(context: CommandContext, topic: string, version: string): Promise<Contract> {
  return withStores(context, async (stores) => {
    const versions = await registryOf(stores, systemClock).versionsOf(topic)
    const found = version === 'latest' ? versions.at(-1) : versions.find(({ contract }) => contract.version === version)
    return (
      found?.contract ??
      refuse(
        `${topic}@${version}`,
        versions.map(({ contract }) => `${topic}@${contract.version}`),
      )
    )
  })
}

function refuse(name: string, known: readonly string[]): never {
  throw new CovenantError({
    code: 'PROJECT_NAME_UNKNOWN',
    message: `There is no contract ${name}.${nameHint(name, known)}`,
    remedy: 'Name a file, topic@version (or topic@latest) of the registry, or a topic of the project.',
  })
}
