import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Contract, parseContracts, readContract } from '../../contract/index.ts'
import { CovenantError, systemClock } from '../../kernel/index.ts'
import { type DataFormat, dataSource } from '../../runtime/contract-test/files.ts'
import { testContract } from '../../runtime/contract-test/index.ts'
import { serverSource } from '../../runtime/contract-test/servers.ts'
import type { TestSource } from '../../runtime/contract-test/source.ts'
import { topicSource } from '../../runtime/contract-test/topics.ts'
import { lintContracts } from '../../runtime/project.ts'
import { junitXml, odcsResults, outputFormat, type TestReport } from '../../sla/index.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { makeFolderOf, readNamedFile, writeNamedFile } from '../files.ts'
import { print } from '../print.ts'
import { testProgress } from './contract-test-progress.ts'
import { testText } from './contract-test-text.ts'

export interface ContractTestFlags {
  readonly data?: string
  readonly server?: string
  readonly topic?: 'raw' | 'validated'
  readonly format?: DataFormat
  readonly table?: string
  readonly schema?: string
  readonly show: number
  readonly failedRows?: string
  readonly junit?: string
  readonly results?: string
  readonly failOn: 'error' | 'warning'
}

/** Tests data against a contract and says which rows fail; exit code 1 where a check fails. */
export async function contractTest(context: CommandContext, name: string, flags: ContractTestFlags): Promise<void> {
  const contract = findContract(context, name, flags.schema)
  const source = sourceOf(contract, context, flags)
  if (flags.failedRows !== undefined) {
    outputFormat(flags.failedRows)
    makeFolderOf(flags.failedRows)
  }
  const progress = testProgress(source)
  const { show, failedRows } = flags
  const report = await testContract(contract, source, { show, failedRows, onProgress: progress.update }).finally(
    progress.stop,
  )
  if (failed(report, flags)) process.exitCode = EXIT.failed
  if (flags.junit !== undefined) writeNamedFile(flags.junit, await junitXml(report))
  if (flags.results !== undefined) writeNamedFile(flags.results, resultsText(report))
  print(context, report, testText)
}

function resultsText(report: TestReport): string {
  const testedAt = new Date(systemClock.now()).toISOString()
  return `${JSON.stringify(odcsResults(report, testedAt), null, 2)}\n`
}

function failed({ status }: TestReport, { failOn }: ContractTestFlags): boolean {
  return status === 'fail' || (status === 'warn' && failOn === 'warning')
}

function sourceOf(contract: Contract, { stateDir }: CommandContext, flags: ContractTestFlags): TestSource {
  const { data, server, topic, format } = flags
  const table = flags.table ?? contract.topic
  if ([data, server, topic].filter((given) => given !== undefined).length !== 1)
    throw new CovenantError({
      code: 'CLI_OPTION_INVALID',
      message: 'One of --data, --server and --topic says what is tested.',
      remedy: `For example --data FILE, --topic raw${contract.servers.map(({ name }) => `, --server ${name}`).join('')}.`,
    })
  if (data !== undefined) return dataSource(data, format, table)
  return server === undefined
    ? topicSource(stateDir, contract.topic, topic!)
    : serverSource(contract, server, table, stateDir)
}

/** A contract by its file, or by its topic or id in the project. */
function findContract({ projectDir }: CommandContext, name: string, object: string | undefined): Contract {
  if (/\.ya?ml$/.test(name) || existsSync(name)) return readFileContract(name, object)
  const contracts = lintContracts(join(projectDir, 'contracts')).flatMap((file) => file.contracts)
  const found = contracts.find(({ topic, id }) => topic === name || id === name)
  if (found) return found
  throw new CovenantError({
    code: 'PROJECT_NAME_UNKNOWN',
    message: `There is no contract ${name}.`,
    where: projectDir,
    remedy: `Name a contract file, or a topic of the project: ${contracts.map(({ topic }) => topic).join(', ') || 'none'}.`,
  })
}

/** The contract of a file; of the schema object that is named where the file has several. */
function readFileContract(file: string, object: string | undefined): Contract {
  const text = readNamedFile(file)
  if (object === undefined) return readContract(text, file)
  const { contracts } = parseContracts(text, file)
  const found = contracts.find((each) => each.object === object || each.id === object || each.id.endsWith(`/${object}`))
  if (found !== undefined || contracts.length === 0) return readContract(text, file, found?.id)
  throw new CovenantError({
    code: 'PROJECT_NAME_UNKNOWN',
    message: `The contract has no schema object ${object}.`,
    where: file,
    remedy: `Name one of these: ${contracts.map((each) => each.object).join(', ')}.`,
  })
}
