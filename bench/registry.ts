/**
 * Reads of the schema registry over HTTP, 50 connections, from a server in a process of its own, with 200 subjects of
 * ten versions that clients registered, and 100 contracts of four versions with rules: by id, the latest version, a given version, the versions, the configuration in scope. Beside it, in the
 * same run, the limit of the machine: a server that answers a constant of the same size, with Fastify and without.
 * Prints one JSON line each; the goals are 5,000 reads/s and p99 < 10 ms.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
// @ts-expect-error: it comes without types
import autocannon from 'autocannon'
import Fastify from 'fastify'
import { type Contract, readContract } from '../src/contract/index.ts'
import { buildServer, listen } from '../src/http/server.ts'
import { openCovenant } from '../src/runtime/index.ts'
import { tinyProject } from '../test/tiny-project.ts'

const GOAL_READS_PER_SECOND = 5_000
const GOAL_P99_MS = 10
const CONNECTIONS = 50
const SECONDS = 8
const WARM_UP_SECONDS = 2
const SUBJECTS = 200
const VERSIONS = 10
const CONTRACTS = 100
const CONTRACT_VERSIONS = 4
const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json'

interface Figures {
  readonly requests: { readonly average: number }
  readonly latency: { readonly p50: number; readonly p99: number }
  readonly non2xx: number
  readonly errors: number
}

const [, , role, size] = process.argv
if (role === 'registry') await serveRegistry()
else if (role === 'fastify') await serveConstant(Number(size))
else if (role === 'http') serveBare(Number(size))
else await bench()

async function bench(): Promise<void> {
  const bytes = await measure('registry', 'schema registry reads', paths(), GOAL_READS_PER_SECOND)
  await measure('fastify', 'limit: Fastify answering a constant', ['/'], null, bytes)
  await measure('http', 'limit: node:http answering a constant', ['/'], null, bytes)
}

/** What clients ask: mostly schemas by id, and the latest version of a subject. */
function paths(): readonly string[] {
  const free = Array.from({ length: SUBJECTS }, (_, n) => n).flatMap((n) => [
    `/registry/schemas/ids/${1 + ((n * 7) % (SUBJECTS * VERSIONS))}`,
    `/registry/schemas/ids/${1 + ((n * 11) % (SUBJECTS * VERSIONS))}?subject=subject-${n}-value`,
    `/registry/subjects/subject-${n}-value/versions/latest`,
    `/registry/subjects/subject-${n}-value/versions/${1 + (n % VERSIONS)}`,
    `/registry/subjects/subject-${n}-value/versions`,
    `/registry/config/subject-${n}-value?defaultToGlobal=true`,
  ])
  const owned = Array.from({ length: CONTRACTS }, (_, n) => n).flatMap((n) => [
    `/registry/subjects/contract-${n}-value/versions/latest`,
    `/registry/subjects/contract-${n}.raw-value/versions/latest`,
    `/registry/subjects/contract-${n}-value/versions/${1 + (n % CONTRACT_VERSIONS)}`,
    `/registry/subjects/contract-${n}-value/metadata?key=major_version&value=1`,
    `/registry/config/contract-${n}-value`,
  ])
  return [...free, ...owned]
}

/** Prints the figures of a server; answers how many bytes an answer has on average. */
async function measure(
  server: string,
  name: string,
  addresses: readonly string[],
  goal: number | null,
  answerBytes = 0,
): Promise<number> {
  const child = fork(fileURLToPath(import.meta.url), [server, String(answerBytes)])
  try {
    const url = await addressOf(child)
    const load = (duration: number): Promise<Figures> =>
      autocannon({ url, connections: CONNECTIONS, duration, requests: addresses.map((path) => ({ path })) })
    await load(WARM_UP_SECONDS)
    const { requests, latency, non2xx, errors } = await load(SECONDS)
    if (non2xx + errors > 0) throw new Error(`${name}: ${non2xx} answers were no success, ${errors} requests failed`)
    const met =
      goal === null ? {} : { goal, goalP99Ms: GOAL_P99_MS, met: requests.average >= goal && latency.p99 < GOAL_P99_MS }
    const figures = {
      name,
      value: Math.round(requests.average),
      unit: 'reads/s',
      p50Ms: latency.p50,
      p99Ms: latency.p99,
      ...met,
    }
    process.stdout.write(`${JSON.stringify(figures)}\n`)
    return answerBytes || (await averageBytes(url, addresses))
  } finally {
    child.kill()
  }
}

async function averageBytes(url: string, addresses: readonly string[]): Promise<number> {
  const step = Math.ceil(addresses.length / 60)
  const sample = addresses.filter((_, index) => index % step === 0)
  const bodies = await Promise.all(sample.map(async (path) => (await fetch(url + path)).text()))
  return Math.round(bodies.reduce((sum, body) => sum + body.length, 0) / sample.length)
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('message', (address) => resolve(String(address)))
    child.once('exit', (code) => reject(new Error(`The server ended with code ${code}.`)))
  })
}

async function serveRegistry(): Promise<void> {
  const folder = tinyProject()
  const covenant = await openCovenant({ projectDir: folder, stateDir: join(folder, 'state'), durability: 'process' })
  await covenant.apply({ planOnly: false })
  for (let version = 0; version < CONTRACT_VERSIONS; version++)
    await covenant.applyContracts(Array.from({ length: CONTRACTS }, (_, n) => contract(n, version)))
  for (let n = 0; n < SUBJECTS; n++)
    for (let version = 0; version < VERSIONS; version++)
      await covenant.subjects.register(`subject-${n}-value`, request(n, version), { normalize: false })
  const server = await buildServer({ covenant, version: '0.0.0' })
  process.once('SIGTERM', async () => {
    await server.close()
    await covenant.close()
    rmSync(folder, { recursive: true })
    process.exit()
  })
  process.send!(await listen(server, 0))
}

/** An Avro record that grows by an optional field with every version. */
function request(n: number, version: number) {
  const optional = (index: number) => ({
    name: `field_${index}`,
    type: ['null', 'string'],
    default: null,
    doc: 'an optional text',
  })
  const fields = [{ name: 'id', type: 'string' }, ...Array.from({ length: version + 1 }, (_, index) => optional(index))]
  const schema = JSON.stringify({ type: 'record', name: `Record${n}`, namespace: 'bench', fields })
  return { schemaType: 'AVRO', schema, references: [], metadata: null, ruleSet: null, id: null, version: null } as const
}

/** Orders with a rule for clients, which grow by an optional field with every version. */
function contract(n: number, version: number): Contract {
  const field = (name: string, logicalType: string, required: boolean) => ({ name, logicalType, required })
  const notes = Array.from({ length: version }, (_, index) => field(`note_${index}`, 'string', false))
  const rule = { id: 'positive', type: 'custom', engine: 'cel', implementation: 'this.amount > 0.0' }
  const schema = {
    name: `contract-${n}`,
    quality: [rule],
    properties: [field('id', 'string', true), field('amount', 'number', true), ...notes],
  }
  const head = { apiVersion: 'v3.2.0', kind: 'DataContract', id: `contract-${n}`, status: 'active' }
  const text = JSON.stringify({ ...head, version: `1.${version}.0`, schema: [schema] })
  return readContract(text, `contract-${n}.odcs.yaml`)
}

async function serveConstant(bytes: number): Promise<void> {
  const body = Buffer.alloc(bytes, 'x')
  const server = Fastify({ logger: false })
  server.get('/', (_request, reply) => reply.type(MEDIA_TYPE).send(body))
  process.send!(await server.listen({ port: 0, host: '127.0.0.1' }))
}

function serveBare(bytes: number): void {
  const body = Buffer.alloc(bytes, 'x')
  const server = createServer((_request, response) => response.writeHead(200, { 'content-type': MEDIA_TYPE }).end(body))
  server.listen(0, '127.0.0.1', () => process.send!(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
}
