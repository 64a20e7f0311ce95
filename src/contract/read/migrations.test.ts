import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { parseContract } from './index.ts'
import { BUILT_IN, migrationFault } from './migration-fault.ts'

const contract = (version: string, ...migrations: readonly string[]) => `apiVersion: v3.2.0
kind: DataContract
id: orders
version: ${version}
status: active
customProperties:
  - property: covenant.migrations
    value:
${migrations.join('\n')}
schema:
  - name: orders
    properties:
      - name: id
        logicalType: string
`

const rule = (fromMajor: number, expression: string) =>
  `      - fromMajor: ${fromMajor}\n        expression: ${JSON.stringify(expression)}`

const problems = (text: string) =>
  parseContract(text, 'orders.odcs.yaml').problems.map(({ line, column, code, message }) => [
    `${line}:${column}`,
    code,
    message,
  ])

test('migrations are read with the major version that they take', () => {
  const { contract: read, problems: found } = parseContract(
    contract('3.0.0', rule(1, '{"id": key}'), rule(2, '$')),
    'orders.odcs.yaml',
  )
  assert.deepEqual(found, [])
  assert.deepEqual(read!.migrations, [
    { fromMajor: 1, expression: '{"id": key}' },
    { fromMajor: 2, expression: '$' },
  ])
})

test('each fault of a migration is told where it stands', () => {
  assert.deepEqual(problems(contract('2.0.0', rule(1, '{"id": '), rule(1, '$'), rule(2, '$'))), [
    [
      '10:9',
      'CONTRACT_MIGRATION_INVALID',
      'The migration is no JSONata: Expected "}" before end of expression (character 7).',
    ],
    ['11:9', 'CONTRACT_NAME_REPEATED', 'A migration from major 1 stands twice.'],
    ['13:9', 'CONTRACT_WRONG_VALUE', '"fromMajor" must be lower than 2, the major version of the contract, found 2.'],
  ])
})

const CALLS = [
  '($f := function($x){$x}; $f(1))',
  '$map(items, function($v, $i){$v($i)})',
  'items@$v.$v()',
  'a#$i.$i()',
  '$()',
]

test('every function that JSONata has may be called', () => {
  const source = readFileSync(createRequire(import.meta.url).resolve('jsonata'), 'utf8')
  const names = [...source.matchAll(/(?:staticFrame|environment)\.bind\('(\w+)', defineFunction/g)].map(
    ([, name]) => name!,
  )
  assert.ok(names.length > 50)
  assert.deepEqual([...BUILT_IN].sort(), names.sort())
})

test('a custom property whose whole value is wrong is named', () => {
  const text = contract('2.0.0', rule(1, '$')).replace(
    'customProperties:\n',
    'customProperties:\n  - { property: covenant.compatibility, value: FULLL }\n',
  )
  const [[, code, message] = []] = problems(text)
  assert.equal(code, 'CONTRACT_WRONG_VALUE')
  assert.match(message!, /^"covenant\.compatibility" must be one of .*, found "FULLL"\. Did you mean "FULL"\?$/)
})

test('what depends on more than the record is refused, wherever it hides', () => {
  const refused = [
    ['{"at": $now()}', /^uses \$now, .*\(character 11\)/],
    ['items.{"x": $random()}', /^uses \$random, /],
    ['($f := $millis; $f())', /^uses \$millis, /],
    ['$map(items, $shuffle)', /^uses \$shuffle, /],
    ['$eval("$now()")', /^uses \$eval, /],
    ['items[$toMillis(at, "[H01]:[m01]") > 0]', /^uses \$toMillis with a picture, /],
    ['$merg([$, {"a": 1}])', /^calls \$merg, which is no function \(character 5\)\. Did you mean \$merge\?$/],
    ['items ~> $nosuch', /^calls \$nosuch, which is no function/],
    ['$map(items, $nosuch(?))', /^calls \$nosuch, which is no function/],
    ['$contains(a, /[/)', /^is no JSONata: /],
    ['$contains(a, /\\-/)', /^has a regular expression that is none with the u flag/],
    ['('.repeat(5_000), /^is no JSONata: /],
    [`"${'x'.repeat(10_000)}"`, /^is longer than 10000 characters\.$/],
  ] as const
  for (const [expression, fault] of refused) assert.match(migrationFault(expression) ?? 'null', fault, expression)
  for (const expression of ['$', '$toMillis(at)', '{"t": $fromMillis(at), "now": now}', '$sort(items)', ...CALLS])
    assert.equal(migrationFault(expression), null)
})
