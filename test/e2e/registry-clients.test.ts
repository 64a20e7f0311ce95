import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
// @ts-expect-error: the set-up scripts are plain JavaScript
import { installClients } from '../../scripts/clients.mjs'
import { acceptsRecord, brokenRules, type ValidationPlan } from '../../src/contract/index.ts'
import { buildServer, listen } from '../../src/http/server.ts'
import type { Json } from '../../src/kernel/index.ts'
import { clientCel } from '../../src/registry/subjects/client-cel.ts'
import { type Covenant, openCovenant } from '../../src/runtime/index.ts'
import { type ClientRuleCase, clientRuleCases, isWithinPython } from '../contract/client-rules.ts'
import { READINGS, tinyProject } from '../tiny-project.ts'
import { runClient } from './run-client.ts'

const SCRIPTS = fileURLToPath(new URL('../clients', import.meta.url))

const RULE = `    quality:
      - id: no-deep-frost
        type: custom
        engine: cel
        description: only one station is that cold
        implementation: this.celsius > -50.0 || this.station == "VOSTOK"
    properties:
      - name: station
        classification: public
`

const PAYMENTS = `apiVersion: v3.2.0
kind: DataContract
id: payments
name: Payments
version: 1.0.0
status: active
schema:
  - name: payments
    physicalName: payments
    physicalType: topic
    logicalType: object
    customProperties:
      - property: covenant.schemaRegistry
        value: { format: avro }
    quality:
      - id: positive
        type: custom
        engine: cel
        implementation: this.amount > 0.0
    properties:
      - name: id
        logicalType: string
        required: true
      - name: amount
        logicalType: number
        required: true
      - name: note
        logicalType: string
`

/** The clients do what their users do with Confluent's registry, each on a registry of its own. */
describe('unchanged Confluent clients', () => {
  const clients = installClients() as { readonly javascript: string; readonly python: string }
  let folder: string
  let covenant: Covenant
  let server: FastifyInstance
  let address: string

  before(async () => {
    folder = tinyProject({
      'contracts/readings.odcs.yaml': READINGS.replace('    properties:\n      - name: station\n', RULE),
      'contracts/payments.odcs.yaml': PAYMENTS,
    })
    covenant = await openCovenant({ projectDir: folder, stateDir: join(folder, 'state'), durability: 'process' })
    await covenant.apply({ planOnly: false })
    server = await buildServer({ covenant, version: '1.2.3' })
    address = `${await listen(server, 0)}/registry`
  })

  after(async () => {
    await server.close()
    await covenant.close()
    rmSync(folder, { recursive: true })
  })

  it('JavaScript: @confluentinc/schemaregistry', async () => {
    const steps = await runClient(process.execPath, [join(SCRIPTS, 'javascript.mjs'), clients.javascript, address])
    assert.equal(steps.length, 16)
  })

  it('Python: confluent-kafka', async () => {
    const cases = join(folder, 'cases.json')
    writeFileSync(cases, JSON.stringify(ruleCases()))
    const steps = await runClient(clients.python, [join(SCRIPTS, 'python.py'), address, cases])
    assert.equal(steps.length, 12)
  })

  it('do what the guide shows', async () => {
    const guide = readFileSync(new URL('../../docs/guides/registry.md', import.meta.url), 'utf8')
    const shown = (language: string) =>
      new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(guide)![1]!.replaceAll(/http:[^"']*\/registry/g, address)
    // Beside the installed packages, so that the imports of the snippet find them.
    const file = join(dirname(clients.javascript), `guide-${process.pid}.mjs`)
    writeFileSync(file, `${shown('js')}\nconsole.log(bytes.length)\n`)
    try {
      assert.ok(Number((await runClient(process.execPath, [file]))[0]) > 50)
    } finally {
      rmSync(file)
    }
    assert.ok(Number((await runClient(clients.python, ['-c', `${shown('python')}\nprint(len(data))`]))[0]) > 50)
  })
})

/**
 * Each rule of the conformance cases as clients get it, each record that keeps the schema, and the reference's verdict;
 * and random rules with random records. The Python client gives these verdicts, but for the differences that are known.
 */
function ruleCases(): readonly ClientRuleCase[] {
  const file = new URL('../../conformance/validation/rules.json', import.meta.url)
  const { plan, records } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly plan: ValidationPlan
    readonly records: readonly { readonly text: string }[]
  }
  const messages = records
    .map(({ text }) => JSON.parse(text) as Json)
    .filter((message) => acceptsRecord({ ...plan, rules: [] }, message))
  const known = plan.rules.flatMap((rule) =>
    messages.map((message) => ({
      text: rule.expected,
      expr: clientCel(rule.expression),
      message,
      refused: brokenRules([rule], message).length > 0,
    })),
  )
  // A case that fails is printed whole, so that its seed is not needed.
  const random = fc.sample(clientRuleCases, 400).flat()
  return [...known, ...random].filter(isWithinPython)
}
