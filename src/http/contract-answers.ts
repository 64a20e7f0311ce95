/** What the contract routes answer, as `/api/openapi.json` describes it. Nothing is left out of an answer by these. */

const text = { type: 'string' } as const
const optional = { type: ['string', 'null'] } as const
const object = (properties: Readonly<Record<string, object>>, description?: string) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  ...(description === undefined ? {} : { description }),
})
const list = (items: object) => ({ type: 'array', items })
const texts = list(text)

const summary = {
  id: text,
  topic: text,
  version: text,
  owner: optional,
  registeredAt: { type: 'string', description: 'ISO 8601, UTC.' },
  name: text,
  domain: optional,
  status: text,
}
const version = object({ version: text, hash: text, planHash: text, registeredAt: text })
/** The parts of a contract are those of ODCS, in Covenant's words. */
const part = { type: 'object' }
const details = {
  ...summary,
  purpose: optional,
  key: texts,
  eventTime: optional,
  cdc: optional,
  compatibility: text,
  team: {},
  servers: list(part),
  fields: list(part),
  rules: list(part),
  sla: {},
}
const difference = {
  type: 'object',
  properties: { path: text, message: text, rule: text },
  required: ['path', 'message', 'rule'],
  description: 'What changed at a field, with a document that shows it where there is one.',
}
const problem = object({
  severity: { type: 'string', enum: ['error', 'warning'] },
  code: text,
  message: text,
  file: text,
  line: { type: 'integer', minimum: 1 },
  column: { type: 'integer', minimum: 1 },
  path: text,
  suggestion: optional,
})
const change = object({
  contractId: text,
  topic: text,
  version: text,
  previousVersion: optional,
  outcome: { type: 'string', enum: ['registered', 'unchanged', 'refused'] },
  reasons: list(difference),
  message: text,
})

/** Answers to errors, of every route. */
const failure = {
  type: 'object',
  properties: {
    code: { type: 'string', description: 'docs/reference/errors.md tells what each code means.' },
    message: text,
    where: text,
    remedy: text,
    retryable: { type: 'boolean' },
  },
  required: ['code', 'message', 'retryable'],
}

const answers = (answer: object, description: string, more: object = {}) => ({
  response: { 200: { description, ...answer }, ...more },
})
const unknown = { 404: { description: 'No contract, or no version of it, has this name.', ...failure } }

export const ANSWERS = {
  contracts: answers(list(object(summary)), 'Newest versions'),
  contract: answers(object({ ...details, versions: list(version) }), 'A contract', unknown),
  versions: answers(list(version), 'Versions, oldest first', unknown),
  document: answers(part, 'An ODCS document', unknown),
  'json-schema': answers(part, 'A JSON Schema, draft 2020-12', unknown),
  avro: answers(object({ type: { const: 'record' }, name: text, fields: list(part) }), 'An Avro schema', {
    ...unknown,
    400: { description: 'Avro cannot hold the contract.', ...failure },
  }),
  'validation-plan': answers(
    object({ contractId: text, contractVersion: text, topic: text, fields: list(part), rules: list(part), hash: text }),
    'A validation plan',
    unknown,
  ),
  diff: answers(
    object({ from: text, to: text, compatible: { type: 'boolean' }, differences: list(difference) }),
    'The differences',
    unknown,
  ),
  check: answers(
    object({ valid: { type: 'boolean' }, problems: list(problem), changes: list(change) }),
    'Problems, and what applying would do',
    {
      413: { description: 'The body is larger than 4 MiB.', ...failure },
      415: { description: 'The content type is not one of these.', ...failure },
      422: { description: 'The body is empty.', ...failure },
    },
  ),
} as const
