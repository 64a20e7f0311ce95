import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ORDERS } from '../../../test/contract/orders.ts'
import { formatContract } from '../write/index.ts'
import { parseContractFiles } from './files.ts'
import { parseContract, parseContracts } from './index.ts'

/** Reads, and checks that the answer is one: a contract, or errors that point into the text. */
function read(text: string): void {
  const [{ contracts, problems } = { contracts: [], problems: [] }] = parseContractFiles([{ file: 'f.yaml', text }])
  assert.ok(contracts.length > 0 || problems.some(({ severity }) => severity === 'error'), 'neither contract nor error')
  assert.ok(problems.length <= 200)
  const lines = text.split('\n').length
  for (const { line, column, message } of problems) {
    assert.ok(line >= 1 && line <= lines && column >= 1, `${line}:${column} of ${lines} lines`)
    assert.ok(message.length > 0 && message.length <= 600, message)
  }
  const formatted = formatContract(text, 'f.yaml')
  assert.ok(formatted.text !== null || formatted.problems.length > 0, 'neither formatted nor told why')
  // What is right stays right, and is stable.
  if (formatted.text === null || contracts.length === 0) return
  assert.equal(formatContract(formatted.text, 'f.yaml').text, formatted.text)
  assert.equal(parseContracts(formatted.text, 'f.yaml').contracts.length, contracts.length)
}

test('any text gets an answer', () => {
  const yamlish = fc.array(
    fc.constantFrom(
      'a: ',
      '- ',
      '? ',
      '[',
      ']',
      '{',
      '}',
      '&x ',
      '*x',
      '"',
      "'",
      '\n',
      '  ',
      '#',
      '|',
      '>',
      '!!int ',
      '!t ',
      '---\n',
      '...',
      '<<: ',
      '%',
      '@',
      '\t',
      ': ',
      ',',
      '1',
      '~',
      '\u0000',
      '\u{1F600}',
      'schema:\n',
      'id: x\n',
      'properties:\n',
      '__proto__: ',
      'constructor: ',
    ),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(
      fc.oneof(
        yamlish.map((parts) => parts.join('')),
        fc.string({ unit: 'binary', maxLength: 200 }),
      ),
      read,
    ),
    { numRuns: 500 },
  )
})

test('a contract cut off anywhere gets an answer', () => {
  fc.assert(
    fc.property(fc.nat(ORDERS.length), (end) => read(ORDERS.slice(0, end))),
    { numRuns: 100 },
  )
})

test('a contract with any mutation gets an answer', () => {
  const mutation = fc.record({
    at: fc.nat(ORDERS.length),
    cut: fc.nat(12),
    put: fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('\n', ': ', '- ', '[', '{', 'null', '1e400', '.nan', '*a', '&a ', '\t'),
    ),
  })
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      let text = ORDERS
      for (const { at, cut, put } of mutations) text = text.slice(0, at) + put + text.slice(at + cut)
      read(text)
    }),
    { numRuns: 150 },
  )
})

test('a contract with a value of any other kind at any place gets an answer', () => {
  const lines = ORDERS.split('\n')
  const values = [
    '[]',
    '{}',
    '[[]]',
    '{a: 1}',
    'null',
    'true',
    '-1',
    '1.5',
    '""',
    'x',
    '[1, x, {}]',
    '{constructor: 1, toString: [x]}',
  ]
  fc.assert(
    fc.property(fc.nat(lines.length - 1), fc.constantFrom(...values), (index, value) => {
      const mutated = lines.map((line, at) => (at === index ? line.replace(/(:|-)( .*)?$/, `$1 ${value}`) : line))
      read(mutated.join('\n'))
    }),
    { numRuns: 200 },
  )
})

const BOMBS: Readonly<Record<string, string>> = {
  'aliases of aliases': `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`).join('\n')}\n`,
  'an alias of itself': 'a: &a [*a]\n',
  'an alias of a mapping inside itself': '&a {b: *a}\n',
  'open brackets': '['.repeat(100_000),
  'open braces': '{a: '.repeat(50_000),
  'nested lists in one line': '- '.repeat(50_000),
  'nested explicit keys in one line': '? '.repeat(50_000),
  'deep indentation': Array.from({ length: 900 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  'a million characters': 'x'.repeat(1_000_001),
  'many unknown keys': Array.from({ length: 19_000 }, (_, index) => `k${index}: 1`).join('\n'),
  'many wrong entries': `schema:\n${'  - 1\n'.repeat(19_000)}`,
  'many properties': `schema:\n  - name: x\n    properties:\n${'      - {nam: x, logicalTyp: y}\n'.repeat(6_000)}`,
  'many quality rules without expectation': `schema:\n  - name: x\n    quality:\n${'      - {metric: rowCount}\n'.repeat(9_000)}`,
  'many servers': `servers:\n${'  - {server: x, type: kafka}\n'.repeat(6_000)}`,
  'many fields of one name': `schema:\n  - name: x\n    properties:\n${'      - {name: x, logicalType: string}\n'.repeat(6_000)}`,
  'a long scalar with quotes': `a: "${'\\x41'.repeat(100_000)}`,
  'many documents': '---\n'.repeat(5_000),
  'many anchors': Array.from(
    { length: 5_000 },
    (_, index) => `k${index}: &a${index} [*a${Math.max(0, index - 1)}]`,
  ).join('\n'),
}

// One that hangs is ended, and told, by the runner's own limit.
for (const [name, text] of Object.entries(BOMBS)) test(`${name}: an answer`, () => void read(text))

test('a problem quotes no more of the file than helps', () => {
  // `yaml` quotes all that follows a quote that is never closed.
  for (const text of [`${ORDERS.slice(0, 947)}]"${ORDERS.slice(947)}`, ORDERS.replace('active', 'x'.repeat(5_000))])
    for (const { message } of parseContract(text, 'f.yaml').problems) assert.ok(message.length <= 600, message)
})

test('a bomb is told to be one', () => {
  const [problem] = parseContract(BOMBS['aliases of aliases']!, 'f.yaml').problems
  assert.equal(problem?.code, 'CONTRACT_YAML_LIMIT')
})

test('names of built-in members are names like others', () => {
  const text = ORDERS.replace('tenant: shop', 'constructor: shop').replace('unit: years', 'unit: constructor')
  assert.deepEqual(
    parseContract(text, 'f.yaml').problems.map(({ path, code }) => `${path} ${code}`),
    [
      'constructor CONTRACT_UNKNOWN_KEY',
      'schema[0].properties[4].quality[1] CONTRACT_NOT_ENFORCED',
      'slaProperties[1].unit CONTRACT_DURATION_INVALID',
    ],
  )
})
