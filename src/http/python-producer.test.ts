import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { VENV_PYTHON } from '../../test/ports/onnx-models.ts'
import { tinyProject } from '../../test/tiny-project.ts'
import { generateProducers } from '../contract/index.ts'
import { VirtualClock } from '../kernel/index.ts'
import { type Covenant, openCovenant } from '../runtime/index.ts'
import { buildServer, listen } from './server.ts'

const TOPIC = 'station.readings'
/** Sends, sends the same again as another process would, and tries what the contract refuses. */
const PROGRAM = `
import json, sys
sys.path.insert(0, sys.argv[1])
import station_readings as readings

event = {"station": "JFK", "at": "2026-03-01T11:00:00Z", "celsius": 4.5}
accepted = [
    readings.Producer(sys.argv[2], producer_id="test", first_sequence=0).send([event, {**event, "station": "LGA"}])
    for _ in range(2)
]
try:
    readings.Producer(sys.argv[2]).send([event, {**event, "celsius": 451}])
    refused = None
except readings.ContractViolation as refusal:
    refused = [[index, violation.rule_id] for index, violation in refusal.violations]
waits = []
try:
    readings.Producer("http://127.0.0.1:1", retries=2, sleep=waits.append).send([event])
    delivered = True
except readings.DeliveryError:
    delivered = False
sent = readings.Producer(sys.argv[2]).send([{**event, "celsius": 451}], violating="send")
try:
    readings.Producer(sys.argv[2]).send([{**event, "celsius": float("nan")}], violating="send")
    unwritable = None
except readings.ContractViolation as refusal:
    unwritable = refusal.violations[0][1].rule_id
class Lossy(readings.Producer):
    lose = True
    def _post(self, body):
        accepted = super()._post(body)
        if self.lose:
            self.lose = False
            raise readings.DeliveryError("the answer was lost")
        return accepted

lossy = Lossy(sys.argv[2])
recovered = []
for again in [event, {**event, "celsius": 7}]:
    lossy.lose = True
    try:
        lossy.send([event])
    except readings.DeliveryError:
        recovered.append(lossy.send([again]))
print(json.dumps({
    "recovered": recovered,
    "accepted": accepted, "refused": refused, "delivered": delivered, "waits": len(waits),
    "sent": sent, "unwritable": unwritable,
}))
`

let folder: string
let covenant: Covenant
let server: FastifyInstance

before(async () => {
  folder = tinyProject({})
  covenant = await openCovenant({
    projectDir: folder,
    stateDir: join(folder, 'state'),
    clock: new VirtualClock(Date.parse('2026-03-01T12:00:00Z')),
    durability: 'process',
  })
  await covenant.apply({ planOnly: false })
  server = await buildServer({ covenant, version: '1' })
})

after(async () => {
  await server.close()
  await covenant.close()
  rmSync(folder, { recursive: true })
})

test('a generated Python producer sends what passes, once, with version and key, and nothing of what does not', async () => {
  const address = await listen(server, 0)
  const contract = (await covenant.registry.latest(TOPIC))!.contract
  const [module] = generateProducers([contract], 'python')
  writeFileSync(join(folder, module!.file), module!.code)
  const { stdout } = await promisify(execFile)(VENV_PYTHON, ['-c', PROGRAM, folder, address])
  assert.deepEqual(JSON.parse(stdout), {
    accepted: [2, 0],
    refused: [[1, 'celsius.maximum']],
    delivered: false,
    waits: 2,
    sent: 1,
    recovered: [0, 1],
    unwritable: 'parse',
  })
  const records = await covenant.stores.log.read(`${TOPIC}.raw`, 0, 0, 10)
  assert.deepEqual(
    records.map(({ key, headers }) => [Buffer.from(key!).toString(), headers['cov.version']]),
    [
      ['JFK', contract.version],
      ['LGA', contract.version],
      ...Array.from({ length: 4 }, () => ['JFK', contract.version]),
    ],
  )
  const half = await server.inject({
    method: 'POST',
    url: `/topics/${TOPIC}`,
    headers: { 'content-type': 'application/json', 'cov.producer-id': 'x' },
    payload: '{}',
  })
  assert.equal(half.statusCode, 422)
})
