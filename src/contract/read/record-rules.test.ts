import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseContract } from './index.ts'

const CONTRACT = (expression: string) => `apiVersion: v3.2.0
kind: DataContract
id: c
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - name: gross
        logicalType: number
      - name: net
        logicalType: number
    quality:
      - id: gross-covers-net
        type: custom
        engine: cel
        implementation: ${JSON.stringify(expression)}
`

test('a rule is read with its text, and enforced unless it says otherwise', () => {
  const { contract, problems } = parseContract(CONTRACT('this.gross >= this.net'), 'c.yaml')
  assert.deepEqual(problems, [])
  assert.deepEqual(contract?.rules, [
    { id: 'gross-covers-net', description: null, stage: 'enforce', field: null, expression: 'this.gross >= this.net' },
  ])
})

test('a rule that cannot be compiled is an error at its place in the file and in the expression', () => {
  const { contract, problems } = parseContract(CONTRACT('this.gross >= this.nett'), 'c.yaml')
  assert.equal(contract, null)
  assert.deepEqual(
    problems.map(({ code, line, message }) => [code, line, message]),
    [
      [
        'CONTRACT_RULE_INVALID',
        17,
        'The contract declares no member "nett" here. Did you mean "net"? (line 1, column 19 of the expression).',
      ],
    ],
  )
})
