import type { FastifyInstance } from 'fastify'
import { CovenantError } from '../kernel/index.ts'
import { type Covenant, discardInTopics, replayTopics } from '../runtime/index.ts'
import { type DeadLetterState, deadLetterSummary, resumeTopic, showDeadLetter } from '../validation/index.ts'

const STATES: readonly DeadLetterState[] = ['open', 'replayed', 'discarded', 'superseded']
const FILTER = {
  topics: { type: 'array', items: { type: 'string' }, description: 'Contract topics; all where it is missing.' },
  fingerprint: { type: 'string' },
  sources: {
    type: 'array',
    items: { type: 'string' },
    description: 'Raw records or dead letters, topic/partition/offset.',
  },
  dryRun: { type: 'boolean', default: true, description: 'Only tell what would be done.' },
  actor: { type: 'string', minLength: 1, description: 'Who; kept with the letters.' },
  reason: { type: 'string', minLength: 1 },
} as const
const REPLAY_BODY = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...FILTER,
    patch: { type: 'string', description: 'JSONata over the JSON value that gives the new value.' },
    force: { type: 'boolean', description: 'Also letters of which a newer record of the key was validated.' },
    all: { type: 'boolean', description: 'Also letters that the current contract still refuses.' },
    limit: { type: 'integer', minimum: 1, description: 'Of each topic.' },
  },
} as const
const DISCARD_BODY = {
  type: 'object',
  additionalProperties: false,
  properties: FILTER,
  required: ['reason'],
  anyOf: [{ required: ['fingerprint'] }, { required: ['sources'] }],
} as const
const RESUME_BODY = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: { accept: { type: 'boolean' }, actor: FILTER.actor },
} as const

interface FilterBody {
  readonly topics?: readonly string[]
  readonly fingerprint?: string
  readonly sources?: readonly string[]
  readonly dryRun: boolean
  readonly actor?: string
  readonly reason?: string
}

interface ReplayBody extends FilterBody {
  readonly patch?: string
  readonly force?: boolean
  readonly all?: boolean
  readonly limit?: number
}

const ACTOR = 'HTTP'

/** `/api/dead-letters` and `/api/topics/<name>/resume`: look at dead letters, replay or discard them. */
export function deadLetterRoutes(server: FastifyInstance, covenant: Covenant): void {
  lookingRoutes(server, covenant)
  changingRoutes(server, covenant)
}

function lookingRoutes(server: FastifyInstance, covenant: Covenant): void {
  const { stores } = covenant
  server.get<{ Querystring: { state?: DeadLetterState } }>(
    '/api/dead-letters',
    {
      schema: {
        summary: 'Dead letters by fingerprint, with the count of each state',
        querystring: { type: 'object', properties: { state: { type: 'string', enum: [...STATES] } } },
      },
    },
    async ({ query: { state } }) => {
      const groups = await deadLetterSummary(stores, await topicNames(covenant))
      return state === undefined ? groups : groups.filter(({ states }) => states[state] > 0)
    },
  )
  server.get<{ Params: { topic: string; partition: number; offset: number } }>(
    '/api/dead-letters/:topic/:partition/:offset',
    {
      schema: {
        summary: 'One dead letter with its history',
        params: {
          type: 'object',
          properties: {
            topic: { type: 'string', description: 'Contract topic.' },
            partition: { type: 'integer', minimum: 0 },
            offset: { type: 'integer', minimum: 0, description: 'In the dead letter topic.' },
          },
          required: ['topic', 'partition', 'offset'],
        },
      },
    },
    async ({ params: { topic, partition, offset } }) => {
      const [known] = await chosen(covenant, [topic])
      const letter = await showDeadLetter(stores, known!, offset, partition)
      if (letter === undefined) throw unknownLetter(`${topic}.dlq/${partition}/${offset}`)
      const { value, ...told } = letter
      return { ...told, valueBase64: value === null ? null : Buffer.from(value).toString('base64') }
    },
  )
}

function changingRoutes(server: FastifyInstance, covenant: Covenant): void {
  const { stores, clock } = covenant
  server.post<{ Body: ReplayBody }>(
    '/api/dead-letters/replay',
    {
      schema: {
        summary: 'Which open dead letters the contract accepts now; dryRun: false sends those',
        body: REPLAY_BODY,
      },
    },
    async ({ body: { topics = [], actor = ACTOR, ...request } }) =>
      replayTopics(covenant, await chosen(covenant, topics), { ...request, actor }),
  )
  for (const verb of ['discard', 'reopen'] as const)
    server.post<{ Body: FilterBody & { readonly reason: string } }>(
      `/api/dead-letters/${verb}`,
      {
        schema: {
          summary: verb === 'discard' ? 'Mark open dead letters as done with' : 'Take back what was discarded',
          body: DISCARD_BODY,
        },
      },
      async ({ body: { topics = [], actor = ACTOR, ...request } }) =>
        discardInTopics(covenant, await chosen(covenant, topics), { ...request, actor }, { reopen: verb === 'reopen' }),
    )
  server.post<{ Params: { name: string }; Body: { accept?: boolean; actor?: string } | null }>(
    '/api/topics/:name/resume',
    {
      schema: {
        summary: 'Let the validation of a paused topic go on',
        params: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
        body: RESUME_BODY,
      },
    },
    async ({ params: { name }, body }) => {
      const [topic] = await chosen(covenant, [name])
      const { accept = false, actor = ACTOR } = body ?? {}
      return resumeTopic({ pauses: stores.pauses, clock }, topic!, { accept, actor })
    },
  )
}

/** The named contract topics, or all. */
async function chosen(covenant: Covenant, topics: readonly string[]): Promise<readonly string[]> {
  const known = await topicNames(covenant)
  const unknown = topics.find((topic) => !known.includes(topic))
  if (unknown !== undefined)
    throw new CovenantError({
      code: 'HTTP_TOPIC_UNKNOWN',
      message: `No contract governs a topic ${unknown}.`,
      remedy: `Known topics: ${known.join(', ') || 'none'}.`,
    })
  return topics.length === 0 ? known : topics
}

function unknownLetter(place: string): CovenantError {
  return new CovenantError({
    code: 'HTTP_NOT_FOUND',
    message: `There is no dead letter ${place}.`,
    remedy: 'GET /api/dead-letters tells an example of each fingerprint.',
  })
}

async function topicNames(covenant: Covenant): Promise<readonly string[]> {
  return (await covenant.registry.all()).map(({ contract }) => contract.topic)
}
