import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { compatibility, compileAvro, compileJsonSchema, parseContract } from '../contract/index.ts'
import { CovenantError, toIso } from '../kernel/index.ts'
import { clientJsonSchema, type RegisteredContract } from '../registry/index.ts'
import type { Covenant } from '../runtime/index.ts'
import { ANSWERS } from './contract-answers.ts'

type VersionRequest = FastifyRequest<{
  Params: { readonly id: string; readonly version: string; readonly other: string }
}>
type Query = Readonly<Partial<Record<'topic' | 'owner' | 'domain' | 'text', string>>>

const text = { type: 'string' }
const filters = {
  type: 'object',
  properties: {
    topic: { ...text, description: 'Of this topic only.' },
    owner: { ...text, description: 'Of this owner only.' },
    domain: { ...text, description: 'Of this domain only.' },
    text: { ...text, description: 'With this text in id, name, topic or purpose, in upper or lower case.' },
  },
}
const KEYWORDS = {
  description:
    'With keywords of Covenant (x-covenant-rules, x-earliest, x-latest), which strict validators refuse. keywords=standard gives the schema that clients of the schema registry get: without these, and without multiples of fractions, which validators judge differently.',
  querystring: {
    type: 'object',
    properties: { keywords: { type: 'string', enum: ['all', 'standard'], default: 'all' } },
  },
}
const params = (...names: readonly string[]) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, text])),
  required: names,
})

/** `/api/contracts`: registered contracts, their versions, what each compiles to, and what a new one would do. */
export async function contractRoutes(server: FastifyInstance, covenant: Covenant): Promise<void> {
  const { registry } = covenant
  server.get<{ Querystring: Query }>(
    '/api/contracts',
    {
      schema: {
        summary: 'Newest version of every contract',
        tags: ['contracts'],
        querystring: filters,
        ...ANSWERS.contracts,
      },
    },
    async ({ query }) => (await registry.all()).filter(matches(query)).map(summaryOf),
  )
  server.get<{ Params: { readonly id: string } }>(
    '/api/contracts/:id',
    {
      schema: {
        summary: 'A contract, by its newest version',
        tags: ['contracts'],
        params: params('id'),
        ...ANSWERS.contract,
      },
    },
    async ({ params: { id } }) => {
      const versions = await versionsOf(covenant, id)
      return { ...detailsOf(versions.at(-1)!), versions: versions.map(versionOf) }
    },
  )
  server.get<{ Params: { readonly id: string } }>(
    '/api/contracts/:id/versions',
    {
      schema: {
        summary: 'Versions of a contract, oldest first',
        tags: ['contracts'],
        params: params('id'),
        ...ANSWERS.versions,
      },
    },
    async ({ params: { id } }) => (await versionsOf(covenant, id)).map(versionOf),
  )
  const ofVersion = (
    path: 'avro' | 'json-schema' | 'validation-plan',
    { summary, more = {} }: { readonly summary: string; readonly more?: object },
    read: (registered: RegisteredContract, query: { readonly keywords?: string }) => unknown,
  ) =>
    server.get(
      `/api/contracts/:id/versions/:version/${path}`,
      { schema: { summary, tags: ['contracts'], params: params('id', 'version'), ...more, ...ANSWERS[path] } },
      async (request) =>
        read(await registeredOf(covenant, request as VersionRequest), request.query as { readonly keywords?: string }),
    )
  server.get(
    '/api/contracts/:id/versions/:version',
    {
      schema: {
        summary: 'The ODCS document of a version: JSON, or as written where Accept asks for YAML',
        tags: ['contracts'],
        params: params('id', 'version'),
        produces: ['application/json', 'application/yaml'],
        ...ANSWERS.document,
      },
    },
    async (request, reply) => sendDocument(request, reply, await registeredOf(covenant, request as VersionRequest)),
  )
  ofVersion('json-schema', { summary: 'A version as JSON Schema', more: KEYWORDS }, ({ contract }, { keywords }) => {
    const schema = compileJsonSchema(contract)
    return keywords === 'standard' ? clientJsonSchema(schema).schema : schema
  })
  ofVersion('avro', { summary: 'A version as Avro schema' }, ({ contract }) => compileAvro(contract))
  ofVersion('validation-plan', { summary: 'A version as the plan that validators execute' }, ({ plan }) => plan)
  server.get(
    '/api/contracts/:id/versions/:version/diff/:other',
    {
      schema: {
        summary: 'How a later version differs from an earlier one, each difference with a document that shows it',
        tags: ['contracts'],
        params: params('id', 'version', 'other'),
        ...ANSWERS.diff,
      },
    },
    async (request) => {
      const { id, version, other } = (request as VersionRequest).params
      const [older, newer] = [await registered(covenant, id, version), await registered(covenant, id, other)]
      const differences = compatibility(older.contract, newer.contract)
      return {
        from: older.contract.version,
        to: newer.contract.version,
        compatible: differences.length === 0,
        differences,
      }
    },
  )
  await server.register(async (scope) => checkRoute(scope, covenant))
}

/** `POST /api/contracts/check` takes YAML (JSON is YAML too) and registers nothing. */
function checkRoute(server: FastifyInstance, { registry }: Covenant): void {
  server.removeAllContentTypeParsers()
  const types = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml', 'text/plain', 'application/json']
  server.addContentTypeParser(types, { parseAs: 'string' }, (_request, body, done) => done(null, body))
  server.post(
    '/api/contracts/check',
    {
      schema: {
        summary: 'Problems of a contract, and what applying it would do',
        tags: ['contracts'],
        consumes: types,
        body: { type: 'string', minLength: 1, description: 'An ODCS document.' },
        ...ANSWERS.check,
      },
    },
    async ({ body }) => {
      if (typeof body !== 'string' || body.trim() === '')
        throw new CovenantError({
          code: 'HTTP_BODY_INVALID',
          message: 'The body is empty, where an ODCS document was expected.',
          remedy:
            'Send the contract file as it is, e.g. curl --data-binary @orders.odcs.yaml -H "content-type: application/yaml".',
        })
      const { contract, problems } = parseContract(body, 'body')
      const changes = contract === null ? [] : await registry.plan([contract])
      return { valid: contract !== null, problems, changes }
    },
  )
}

function matches({ topic, owner, domain, text: wanted }: Query): (registered: RegisteredContract) => boolean {
  return ({ contract }) => {
    const words = [contract.id, contract.name, contract.topic, contract.purpose ?? ''].join('\n').toLowerCase()
    return (
      (topic === undefined || contract.topic === topic) &&
      (owner === undefined || contract.owner === owner) &&
      (domain === undefined || contract.domain === domain) &&
      (wanted === undefined || words.includes(wanted.toLowerCase()))
    )
  }
}

function summaryOf({ contract, registeredAt }: RegisteredContract) {
  const { id, name, topic, version, owner, domain, status } = contract
  return { id, topic, version, owner, registeredAt: toIso(registeredAt), name, domain, status }
}

function detailsOf(registered: RegisteredContract) {
  const { purpose, key, eventTime, cdc, compatibility: mode, team, servers, fields, rules, sla } = registered.contract
  return {
    ...summaryOf(registered),
    purpose,
    key,
    eventTime,
    cdc,
    compatibility: mode,
    team,
    servers,
    fields,
    rules,
    sla,
  }
}

function versionOf({ contract, plan, registeredAt }: RegisteredContract) {
  const { version, hash } = contract
  return { version, hash, planHash: plan.hash, registeredAt: toIso(registeredAt) }
}

function sendDocument(request: FastifyRequest, reply: FastifyReply, { contract }: RegisteredContract): FastifyReply {
  if (/\byaml\b/.test(request.headers.accept ?? '')) return reply.type('application/yaml').send(contract.source)
  return reply.send(contract.document)
}

function registeredOf(covenant: Covenant, { params: { id, version } }: VersionRequest): Promise<RegisteredContract> {
  return registered(covenant, id, version)
}

/** `version` may be `latest`. Throws `HTTP_CONTRACT_UNKNOWN`. */
async function registered(covenant: Covenant, id: string, version: string): Promise<RegisteredContract> {
  const versions = await versionsOf(covenant, id)
  const found = version === 'latest' ? versions.at(-1) : versions.find(({ contract }) => contract.version === version)
  if (found) return found
  throw new CovenantError({
    code: 'HTTP_CONTRACT_UNKNOWN',
    message: `The contract ${id} has no version ${version}.`,
    remedy: `Its versions: ${versions.map(({ contract }) => contract.version).join(', ')}; or ask for latest.`,
  })
}

async function versionsOf({ registry }: Covenant, id: string): Promise<readonly RegisteredContract[]> {
  const versions = await registry.versions(id)
  if (versions.length > 0) return versions
  const known = (await registry.all()).map(({ contract }) => contract.id)
  throw new CovenantError({
    code: 'HTTP_CONTRACT_UNKNOWN',
    message: `No contract ${id} is registered.`,
    remedy: `Registered: ${known.join(', ') || 'none'}. Register it with covenant apply.`,
  })
}
