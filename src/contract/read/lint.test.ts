import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ORDERS } from '../../../test/contract/orders.ts'
import { CovenantError } from '../../kernel/index.ts'
import type { Problem } from '../problem.ts'
import { parseContract, readContract } from './index.ts'

/** Each problem with the text that stands at its position, its code, path and message. */
function lint(text: string): readonly string[] {
  const lines = text.split('\n')
  return parseContract(text, 'o.yaml').problems.map((problem) => show(problem, lines))
}

function show({ line, column, code, path, message }: Problem, lines: readonly string[]): string {
  const there = lines[line - 1]!.slice(column - 1).trim()
  return `<${there}> ${code.replace('CONTRACT_', '')} ${path} | ${message}`
}

/** The orders contract with one piece of text replaced, and where that text stood. */
function edited(before: string, after: string): string {
  assert.equal(ORDERS.split(before).length, 2, `"${before}" must stand once in the fixture`)
  return ORDERS.replace(before, after)
}

/** What the lint says about a slip, beside the warning that the fixture itself has. */
function slip(before: string, after: string): readonly string[] {
  const known = parseContract(ORDERS, 'o.yaml').problems[0]!.message
  return lint(edited(before, after)).filter((problem) => !problem.includes(known))
}

suite('a slip is told once, by line and column, with the way out', () => {
  const cases: readonly (readonly [name: string, before: string, after: string, expected: readonly string[]])[] = [
    [
      'an unknown key at the root',
      'domain: sales',
      'domian: sales',
      ['<domian: sales> UNKNOWN_KEY domian | Unknown key "domian". Did you mean "domain"?'],
    ],
    [
      'an unknown key of a property',
      'shopId\n        logicalType: string\n        required: true',
      'shopId\n        logicalType: string\n        requird: true\n        required: true',
      [
        `<requird: true> UNKNOWN_KEY schema[0].properties[0].requird | Unknown key "requird" in entry 1 of "properties". Did you mean "required"?`,
      ],
    ],
    [
      'an unknown option',
      'minLength: 4',
      'minLenght: 4',
      [
        `<minLenght: 4> UNKNOWN_KEY schema[0].properties[6].properties[1].logicalTypeOptions.minLenght | Unknown key "minLenght" in "logicalTypeOptions". Did you mean "minLength"?`,
      ],
    ],
    [
      'an option of another type',
      'maxLength: 10',
      'maximum: 10',
      [
        `<maximum: 10> UNKNOWN_KEY schema[0].properties[6].properties[1].logicalTypeOptions.maximum | Unknown key "maximum" in "logicalTypeOptions". Known here: format, maxLength, minLength, pattern.`,
      ],
    ],
    [
      'a key of another kind of server',
      'host: kafka.example.com:9092',
      'host: kafka.example.com:9092\n    location: s3://x',
      [
        '<location: s3://x> UNKNOWN_KEY servers[0].location | The key "location" does not belong to an entry of type kafka.',
      ],
    ],
    [
      'a missing key of a server',
      '    host: kafka.example.com:9092\n',
      '',
      ['<server: production> MISSING_KEY servers[0] | The required key "host" is missing in entry 1 of "servers".'],
    ],
    [
      'a key that is gone',
      'id: orders-placed\n',
      '',
      ['<apiVersion: v3.2.0> MISSING_KEY  | The required key "id" is missing.'],
    ],
    [
      'no status',
      'status: active\n',
      '',
      ['<apiVersion: v3.2.0> MISSING_KEY  | The required key "status" is missing.'],
    ],
    [
      'a wrong type',
      'tags: [stream, pii]',
      'tags: stream',
      ['<tags: stream> WRONG_TYPE tags | "tags" must be a list, found "stream".'],
    ],
    [
      'a version that YAML takes for a number',
      'version: 1.4.0',
      'version: 1.4',
      ['<version: 1.4> WRONG_TYPE version | "version" must be text, found 1.4. Put it in quotes: "1.4".'],
    ],
    [
      'a version that is none',
      'version: 1.4.0',
      'version: v1.4',
      ['<version: v1.4> VERSION_INVALID version | "version" must be major.minor.patch, such as 1.0.0, found "v1.4".'],
    ],
    [
      'an unknown status',
      'status: active',
      'status: activ',
      [
        '<status: activ> WRONG_VALUE status | "status" must be one of proposed, draft, active, deprecated, retired, found "activ". Did you mean "active"?',
      ],
    ],
    [
      'an old ODCS',
      'apiVersion: v3.2.0',
      'apiVersion: v2.2.2',
      ['<apiVersion: v2.2.2> UNSUPPORTED apiVersion | Covenant reads ODCS v3.0 to v3.2, found v2.2.2.'],
    ],
    [
      'a mistyped logicalType',
      'lines\n        logicalType: array',
      'lines\n        logicalType: arry',
      [
        `<logicalType: arry> WRONG_VALUE schema[0].properties[7].logicalType | "logicalType" must be one of string, date, timestamp, time, number, integer, object, array, boolean, map, vector, found "arry". Did you mean "array"?`,
      ],
    ],
    [
      'a field twice',
      'name: currency',
      'name: Amount',
      [
        `<name: Amount> NAME_REPEATED schema[0].properties[5].name | The field "Amount" has the same name as an earlier one, "amount".`,
      ],
    ],
    [
      'a gap in the primary key',
      'primaryKeyPosition: 2',
      'primaryKeyPosition: 3',
      [
        `<properties:> KEY_INVALID schema[0].properties | "primaryKeyPosition" must count 1, 2, 3 … over the fields of the primary key, found shopId: 1, orderId: 3.`,
      ],
    ],
    [
      'a record key that names no field',
      'key: [shopId, orderId]',
      'key: [shopId, orderID]',
      [
        '<orderID]> FIELD_UNKNOWN schema[0].customProperties[0].value.key[1] | The key names the field "orderID", which the schema does not have. Did you mean "orderId"?',
      ],
    ],
    [
      'a record key that may be missing',
      'key: [shopId, orderId]',
      'key: [deliverOn]',
      [
        '<deliverOn]> KEY_INVALID schema[0].customProperties[0].value.key[0] | The key field "deliverOn" must be required: set "required: true" on it.',
      ],
    ],
    [
      'an event time that is no timestamp',
      'eventTime: placedAt',
      'eventTime: deliverOn',
      [
        '<eventTime: deliverOn> WRONG_VALUE schema[0].customProperties[0].value.eventTime | The event time "deliverOn" must be a required timestamp, found an optional date.',
      ],
    ],
    [
      'an unknown member of covenant.stream',
      'eventTime: placedAt',
      'eventTme: placedAt',
      [
        '<eventTme: placedAt> UNKNOWN_KEY schema[0].customProperties[0].value.eventTme | Unknown key "eventTme". Did you mean "eventTime"?',
      ],
    ],
    [
      'a mistyped covenant.stream',
      'covenant.stream',
      'covenant.steam',
      [
        '<property: covenant.steam> UNKNOWN_KEY schema[0].customProperties[0].property | Unknown custom property "covenant.steam". Did you mean "covenant.stream"?',
      ],
    ],
    [
      'a pattern that does not compile',
      '^[A-Z]{3}$',
      '^[A-Z{3}$',
      [
        `<pattern: ^[A-Z{3}$> PATTERN_INVALID schema[0].properties[0].logicalTypeOptions.pattern | "pattern" is not a regular expression (ECMA-262, u flag): /^[A-Z{3}$/u: Unterminated character class.`,
      ],
    ],
    [
      'bounds in the wrong order',
      'maxLength: 10',
      'maxLength: 3',
      [
        `<maxLength: 3> BOUNDS_INVALID schema[0].properties[6].properties[1].logicalTypeOptions.maxLength | "maxLength" is 3, below its lower bound 4.`,
      ],
    ],
    [
      'days in the wrong order',
      'maximum: 2099-12-31',
      'maximum: 1999-12-31',
      [
        `<maximum: 1999-12-31> BOUNDS_INVALID schema[0].properties[3].logicalTypeOptions.maximum | "maximum" is 1999-12-31, before "minimum" 2013-01-01.`,
      ],
    ],
    [
      'a bound that is no day',
      'maximum: 2099-12-31',
      'maximum: 2099-02-29',
      [
        `<maximum: 2099-02-29> BOUNDS_INVALID schema[0].properties[3].logicalTypeOptions.maximum | "maximum" must be a date written YYYY-MM-DD, found "2099-02-29".`,
      ],
    ],
    [
      'an enum value of another type',
      '- value: USD',
      '- value: 840',
      [
        `<value: 840> WRONG_VALUE schema[0].properties[5].enum[1].value | An enum value of a string field must be a string, found 840.`,
      ],
    ],
    [
      'a cron expression',
      'schedule: 0 * * * *',
      'schedule: 0 25 * * *',
      [
        '<schedule: 0 25 * * *> CRON_INVALID schema[0].quality[0].schedule | "schedule" is not a cron expression: Invalid value for hour: 25.',
      ],
    ],
    [
      'a quality rule without expectation',
      '        mustBeGreaterThan: 0\n',
      '',
      [
        '<metric: rowCount> MISSING_KEY schema[0].quality[0] | Entry 1 of "quality" needs one of mustBe, mustNotBe, mustBeGreaterThan, mustBeGreaterOrEqualTo, mustBeLessThan, mustBeLessOrEqualTo, mustBeBetween, mustNotBeBetween, with a value of the right type.',
      ],
    ],
    [
      'a quality rule with two expectations',
      '        mustBeGreaterThan: 0\n',
      '        mustBeGreaterThan: 0\n        mustBeLessThan: 9\n',
      [
        '<metric: rowCount> WRONG_VALUE schema[0].quality[0] | Entry 1 of "quality" has "mustBeGreaterThan" and "mustBeLessThan": only one of them may stand here.',
      ],
    ],
    [
      'a mistyped metric',
      'metric: rowCount',
      'metric: rowCont',
      [
        '<metric: rowCont> WRONG_VALUE schema[0].quality[0].metric | "metric" must be one of nullValues, missingValues, invalidValues, duplicateValues, rowCount, found "rowCont". Did you mean "rowCount"?',
      ],
    ],
    [
      'a rule about a field that is not there',
      'properties: [shopId, orderId]',
      'properties: [shopId, order]',
      [
        '<order]> FIELD_UNKNOWN schema[0].quality[1].arguments.properties[1] | "properties" names the field "order", which the schema does not have.',
      ],
    ],
    [
      'a service level without unit',
      '    unit: h\n',
      '',
      [
        '<value: 3> DURATION_INVALID slaProperties[0].value | "freshness" needs a length of time, such as value: 3, unit: h; found 3 without unit.',
      ],
    ],
    [
      'a service level of an unknown field',
      'element: orders.placed.placedAt',
      'element: orders.placed.placed',
      [
        '<element: orders.placed.placed> FIELD_UNKNOWN slaProperties[0].element | "element" names the field "placed", which the schema does not have. Did you mean "placedAt"?',
      ],
    ],
    [
      'a topic with a suffix',
      'physicalName: orders.placed',
      'physicalName: orders.raw',
      [
        '<physicalName: orders.raw> WRONG_VALUE schema[0].physicalName | "physicalName" is the topic name without suffix: .raw, .validated, .dlq, .activations and .rules are added. Found "orders.raw".',
        '<element: orders.placed.placedAt> FIELD_UNKNOWN slaProperties[0].element | "element" names the field "placed.placedAt", which the schema does not have.',
      ],
    ],
    [
      'a slip in a description',
      'limitations: Orders',
      'limitation: Orders',
      [
        '<limitation: Orders of the last 90 days only.> UNKNOWN_KEY description.limitation | Unknown key "limitation" in "description". Did you mean "limitations"?',
      ],
    ],
    [
      'a mistyped service level',
      'property: freshness',
      'property: freshnes',
      [
        '<property: freshnes> WRONG_VALUE slaProperties[0].property | "property" is "freshnes", which means nothing here. Did you mean "freshness"?',
      ],
    ],
    [
      'a mistyped severity',
      'severity: warning',
      'severity: warnig',
      [
        '<severity: warnig> WRONG_VALUE schema[0].quality[1].severity | "severity" is "warnig", which means nothing here. Did you mean "warning"?',
      ],
    ],
    [
      'a mistyped engine',
      'type: text\n            description: Somebody looks at it once a month.',
      'type: custom\n            engine: cell\n            implementation: this.amount > 0.0',
      [
        '<engine: cell> WRONG_VALUE schema[0].properties[4].quality[1].engine | "engine" is "cell", which means nothing here. Did you mean "cel"?',
      ],
    ],
    [
      'a mistyped scheduler',
      'scheduler: cron\n      - id',
      'scheduler: corn\n      - id',
      [
        '<scheduler: corn> WRONG_VALUE schema[0].quality[0].scheduler | "scheduler" is "corn", which means nothing here. Did you mean "cron"?',
      ],
    ],
    [
      'a mistyped role, and nobody would own it',
      'role: Owner',
      'role: Ownr',
      [
        '<role: Ownr> WRONG_VALUE team.members[0].role | "role" is "Ownr", which means nothing here. Did you mean "Owner"?',
      ],
    ],
    [
      'a mistyped argument',
      'properties: [shopId, orderId]\n        unit',
      'propertys: [shopId, orderId]\n        unit',
      [
        '<id: few-repeats> MISSING_KEY schema[0].quality[1] | "duplicateValues" needs the list "properties" in its "arguments".',
        '<propertys: [shopId, orderId]> UNKNOWN_KEY schema[0].quality[1].arguments.propertys | Unknown argument "propertys" of "duplicateValues". Did you mean "properties"?',
      ],
    ],
    [
      'a placeholder that nothing fills',
      'FROM {object} WHERE',
      'FROM {objet} WHERE',
      [
        '<query: SELECT count(*) FROM {objet} WHERE placedAt > now()> WRONG_VALUE schema[0].quality[2].query | Nothing fills {objet} in "query": {object} stands for the audited rows, {property} for the field.',
      ],
    ],
    [
      'a custom property where nothing reads it',
      'logicalType: map',
      'logicalType: map\n        customProperties: [{ property: covenant.dlq, value: { blockKey: true } }]',
      [
        '<property: covenant.dlq, value: { blockKey: true } }]> UNSUPPORTED schema[0].properties[8].customProperties[0].property | The custom property "covenant.dlq" is not read here: it belongs to the document or to a schema object.',
      ],
    ],
    [
      'a rule inside another field',
      'logicalType: integer\n      - name: labels',
      'logicalType: integer\n              unique: true\n              quality: [{ metric: nullValues, mustBe: 0 }]\n      - name: labels',
      [
        '<unique: true> NOT_ENFORCED schema[0].properties[7].items.properties[1].unique | "unique" is not audited inside another field: only of the fields of the schema object.',
        '<{ metric: nullValues, mustBe: 0 }]> NOT_ENFORCED schema[0].properties[7].items.properties[1].quality[0] | The quality rule is not checked inside another field: move it to a field of the schema object.',
      ],
    ],
    [
      'a position in no key',
      'logicalType: map',
      'primaryKeyPosition: 3\n        logicalType: map',
      [
        '<primaryKeyPosition: 3> NOT_ENFORCED schema[0].properties[8].primaryKeyPosition | "primaryKeyPosition" means nothing without "primaryKey: true".',
      ],
    ],
    [
      'a variable that says what a contract means',
      'name: currency',
      'name: ${CURRENCY}',
      [
        '<name: ${CURRENCY}> UNSUPPORTED schema[0].properties[5].name | A contract means the same everywhere: the variable ${CURRENCY} may stand in "servers" and in descriptions only.',
      ],
    ],
    [
      'a variable that is written in another way',
      'host: kafka.example.com:9092',
      'host: ${HOST:localhost}:9092',
      [
        '<host: ${HOST:localhost}:9092> VARIABLE_INVALID servers[0].host | "${HOST:localhost}" is no reference to a variable: write ${NAME}, or ${NAME:-default}.',
      ],
    ],
    [
      'a key twice',
      'domain: sales',
      'id: again',
      ['<id: again> DUPLICATE_KEY  | The key "id" stands twice in the same mapping.'],
    ],
  ]
  for (const [name, before, after, expected] of cases)
    test(name, () => {
      assert.deepEqual(slip(before, after), expected)
    })
})

test('all slips of a file are told at once, in its order', () => {
  const text = edited('domain: sales', 'domian: sales')
    .replace('kind: DataContract', 'kind: Contract')
    .replace('minLength: 4', 'minLength: four')
    .replace('unit: years', 'unit: fortnights')
  const lineOf = (part: string) => text.split('\n').findIndex((line) => line.includes(part)) + 1
  const problems = parseContract(text, 'o.yaml').problems
  assert.deepEqual(
    problems.map(({ line, code, severity }) => `${line} ${severity} ${code}`),
    [
      '2 error CONTRACT_WRONG_VALUE',
      '7 error CONTRACT_UNKNOWN_KEY',
      `${lineOf('- type: text')} warning CONTRACT_NOT_ENFORCED`,
      `${lineOf('minLength: four')} error CONTRACT_WRONG_TYPE`,
      `${lineOf('unit: fortnights')} error CONTRACT_DURATION_INVALID`,
    ],
  )
})

test('a suggestion can be typed as it is', () => {
  const [problem] = parseContract(edited('tenant: shop', 'tennant: shop'), 'o.yaml').problems
  assert.equal(problem?.suggestion, 'tenant')
})

test('quality of other kinds is accepted, and told to be unaudited', () => {
  assert.deepEqual(lint(ORDERS), [
    `<type: text> NOT_ENFORCED schema[0].properties[4].quality[1] | A quality rule of type text is not audited.`,
  ])
})

test('a contract without schema object has a clear remedy', () => {
  const head = ORDERS.slice(0, ORDERS.indexOf('schema:'))
  assert.deepEqual(lint(head), ['<apiVersion: v3.2.0> MISSING_KEY  | The required key "schema" is missing.'])
  assert.deepEqual(lint(`${head}schema: []\n`), [
    '<schema: []> MISSING_KEY schema | "schema" must hold a schema object with "properties".',
  ])
})

const HEAD =
  'apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: draft\nschema:\n  - name: x\n    properties:\n'

test('a property needs a type', () => {
  assert.deepEqual(lint(`${HEAD}      - name: a\n`), [
    '<name: a> MISSING_KEY schema[0].properties[0] | The field "a" needs a "logicalType": Covenant checks each value.',
  ])
})

test('a vector is an array of exactly so many numbers', () => {
  const text = `${HEAD}      - name: v\n        logicalType: vector\n        logicalTypeOptions: { dimensions: 3, elementType: int8 }\n`
  const [field] = readContract(text, 'x').fields
  assert.equal(field?.type, 'array')
  assert.deepEqual(field.rules, { minItems: 3, maxItems: 3 })
  assert.deepEqual(
    [field.items?.type, field.items?.required, field.items?.rules],
    ['integer', true, { minimum: -128, maximum: 127 }],
  )
})

test('a day that is excluded bounds by its neighbour; an instant has none', () => {
  const dated = (options: string, type = 'date') =>
    `${HEAD}      - name: d\n        logicalType: ${type}\n        logicalTypeOptions: { ${options} }\n`
  const rules = (options: string) => readContract(dated(options), 'x').fields[0]?.rules
  assert.deepEqual(rules('exclusiveMinimum: "2024-02-28", exclusiveMaximum: "2025-01-01"'), {
    earliest: '2024-02-29',
    latest: '2024-12-31',
  })
  assert.deepEqual(rules('exclusiveMinimum: "2024-01-01", minimum: "2024-06-01"'), { earliest: '2024-06-01' })
  assert.match(
    lint(dated('exclusiveMinimum: "2024-01-01", exclusiveMaximum: "2024-01-02"'))[0] ?? '',
    /No date lies between/,
  )
  assert.match(lint(dated('exclusiveMaximum: "2024-01-01T00:00:00Z"', 'timestamp'))[0] ?? '', /UNSUPPORTED/)
})

test('readContract throws once, with every error in its message', () => {
  const text = edited('domain: sales', 'domian: sales').replace('version: 1.4.0', 'version: one')
  assert.throws(
    () => readContract(text, 'contracts/o.yaml'),
    (thrown: unknown) => {
      assert.ok(thrown instanceof CovenantError)
      assert.equal(thrown.code, 'CONTRACT_INVALID')
      assert.equal(
        thrown.message,
        [
          'The contract has 2 errors:',
          '  contracts/o.yaml:5:1: "version" must be major.minor.patch, such as 1.0.0, found "one". [CONTRACT_VERSION_INVALID]',
          '  contracts/o.yaml:7:1: Unknown key "domian". Did you mean "domain"? [CONTRACT_UNKNOWN_KEY]',
        ].join('\n'),
      )
      return true
    },
  )
})

const LEVELS: readonly (readonly [level: string, fault: string | null])[] = [
  ['{property: availability, value: 99.9, unit: "%"}', null],
  ['{property: availability, value: "99.9%"}', null],
  ['{property: availability, value: 101, unit: "%"}', 'CONTRACT_WRONG_VALUE'],
  ['{property: errorRate, value: 1, unit: records}', 'CONTRACT_WRONG_VALUE'],
  ['{property: throughput, value: 100, unit: records/s}', null],
  ['{property: throughput, value: 5, unit: rows per hour}', null],
  ['{property: throughput, value: 5, unit: records}', 'CONTRACT_WRONG_VALUE'],
  ['{property: endOfLife, value: "2030-01-31"}', null],
  ['{property: generalAvailability, value: "2022-05-12T09:30:10-08:00"}', null],
  ['{property: endOfSupport, value: soon}', 'CONTRACT_WRONG_VALUE'],
  ['{property: timeToRepair, value: 0, unit: h}', 'CONTRACT_DURATION_INVALID'],
  ['{property: timeOfAvailability, value: "09:00"}', 'CONTRACT_NOT_ENFORCED'],
  [
    '{property: errorRate, value: 1, customProperties: [{property: covenant.objective, value: {percent: 99, window: 30d}}]}',
    null,
  ],
  [
    '{property: errorRate, value: 1, customProperties: [{property: covenant.objective, value: {percent: 99, window: x}}]}',
    'CONTRACT_DURATION_INVALID',
  ],
  [
    '{property: errorRate, value: 1, customProperties: [{property: covenant.objectives, value: {percent: 99}}]}',
    'CONTRACT_UNKNOWN_KEY',
  ],
]

for (const [level, fault] of LEVELS)
  test(`the service level ${level} ${fault === null ? 'can be evaluated' : `is told: ${fault}`}`, () => {
    const text = ORDERS.replace(/slaProperties:[\s\S]*$/, `slaProperties:\n  - ${level}\n`)
    const { problems } = parseContract(text, 'f.yaml')
    const told = problems.filter(({ path }) => path.startsWith('slaProperties')).map(({ code }) => code)
    assert.deepEqual(told, fault === null ? [] : [fault])
  })
