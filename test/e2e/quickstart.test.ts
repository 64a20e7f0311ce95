import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { start } from './demo-process.ts'

const PROJECT = join('examples', 'quickstart')
const TOPIC = 'station.readings'

/** The commands of docs/tutorial.md, in its order, as a reader types them. */
describe('the tutorial', () => {
  const state = mkdtempSync(join(tmpdir(), 'covenant-quickstart-'))
  let server: Server | undefined

  const covenant = async (...args: readonly string[]) => {
    const ended = await start(verb(...args)).ended
    assert.equal(ended.code, 0, ended.stderr)
    return ended.stdout
  }
  const verb = (...args: readonly string[]) => [
    join('src', 'cli', 'main.ts'),
    ...['--project', PROJECT, '--state', state],
    ...args,
  ]

  before(async () => {
    await covenant('apply')
  })
  after(async () => {
    await server?.stop()
    rmSync(state, { recursive: true, force: true })
  })

  it('finds no fault in the contract, and has applied it', async () => {
    assert.match(await covenant('contract', 'lint'), /1 contract file: 0 errors, 0 warnings/)
    const { contracts } = JSON.parse(await covenant('apply', '--plan', '--json'))
    assert.deepEqual(
      contracts.map(({ topic, outcome }: { topic: string; outcome: string }) => ({ topic, outcome })),
      [{ topic: TOPIC, outcome: 'unchanged' }],
    )
  })

  it('appends five readings to the raw topic', async () => {
    const { appended } = JSON.parse(await covenant('produce', TOPIC, join(PROJECT, 'events.ndjson'), '--json'))
    assert.equal(appended, 5)
  })

  it('validates them and one that comes over HTTP, stores, audits and publishes', async () => {
    server = await Server.start(verb('dev', '--port', '0'))
    const body = { reading_id: 'r-6', station: 'JFK', measured_at: '2026-01-01T12:00:00Z', celsius: 5.5 }
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${server.address}/topics/${TOPIC}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    assert.equal(answer.status, 202)
    const counts = { raw: 6, validated: 4, deadLetters: 2 }
    await server.until('/api/topics', (topics) => JSON.stringify(topics) === JSON.stringify({ [TOPIC]: counts }))
    await server.until('/api/publications', (publications) => (publications as readonly unknown[]).length === 1)
    await server.stop()
  })

  it('tells why two readings were refused', async () => {
    const groups = JSON.parse(await covenant('dlq', 'list', '--json'))
    assert.deepEqual(groups.map(({ reason }: { reason: string }) => reason).sort(), [
      'celsius is required; station must be text that matches ^[A-Z]{3}$',
      'celsius must be at most 60',
    ])
    assert.match(await covenant('dlq', 'show', groups[0].fingerprint), /original: \{"reading_id"/)
  })

  it('shows where it all stands, and what was made from what', async () => {
    const { topics, publications } = JSON.parse(await covenant('status', '--json'))
    assert.deepEqual(topics[TOPIC], { raw: 6, validated: 4, deadLetters: 2 })
    assert.equal(publications[0].heldSince, null)
    assert.match(await covenant('features'), /station_now +station +topic station\.readings/)
    const upstream = await covenant('lineage', 'table:lake.station_readings')
    assert.match(upstream, /contract:station\.readings@1\.0\.0 +→ +topic:station\.readings\.validated\n/)
    assert.match(upstream, /topic:station\.readings\.validated +→ +table:lake\.station_readings\n/)
  })
})

/** `covenant dev` as a process of its own. */
class Server {
  readonly address: string
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  private constructor(address: string, child: ChildProcess, ended: Promise<unknown>) {
    this.address = address
    this.#child = child
    this.#ended = ended
  }

  static async start(args: readonly string[]): Promise<Server> {
    const { child, ended } = start(args)
    let said = ''
    const address = await new Promise<string>((resolve, reject) => {
      child.stderr?.on('data', (text: string) => {
        said += text
        const found = /listens on (http:\S+)/.exec(said)
        if (found) resolve(found[1]!)
      })
      ended.then(() => reject(new Error(`covenant dev ended: ${said}`)), reject)
    })
    return new Server(address, child, ended)
  }

  /** Asks until the answer is as wanted, half a minute at most. */
  async until(path: string, isWanted: (answer: unknown) => boolean): Promise<void> {
    let answer: unknown
    for (const deadline = performance.now() + 30_000; performance.now() < deadline; await delay(100)) {
      answer = await (await fetch(this.address + path)).json()
      if (isWanted(answer)) return
    }
    assert.fail(`${path} still answers ${JSON.stringify(answer)}`)
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#ended
  }
}
