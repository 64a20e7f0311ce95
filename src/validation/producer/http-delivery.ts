import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { CovenantError, messageOf } from '../../kernel/index.ts'
import { HEADERS } from '../../topic/index.ts'

export interface HttpTarget {
  /** Where Covenant serves, such as `http://localhost:8080`. */
  readonly url: string
  /** A name that outlives this process; with `firstSequence` also a repeated run appends nothing twice. */
  readonly producerId?: string
  /** How often a call is sent again where no answer came, or one that may be another the next time; 5. */
  readonly retries?: number
  /** Wait for an answer; 10,000. */
  readonly timeoutMs?: number
  /** Sent along, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Waits between attempts, in ms. */
  readonly sleep?: (ms: number) => Promise<unknown>
}

/** Answers after which a call is sent again: the server, or what stands before it, may take it then. */
const RETRIED: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

/** `POST /topics/<name>` with the contract's version and the number of the first event. */
export class HttpDelivery {
  readonly #target: HttpTarget
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>

  constructor(topic: string, contractVersion: string, target: HttpTarget) {
    this.#target = target
    this.#url = `${target.url.replace(/\/+$/, '')}/topics/${encodeURIComponent(topic)}`
    this.#headers = {
      ...target.headers,
      'content-type': 'application/json',
      [HEADERS.version]: contractVersion,
      'cov.producer-id': target.producerId ?? randomUUID(),
    }
  }

  /** How many of the events were new. */
  async send(texts: readonly string[], firstSequence: number): Promise<number> {
    const { retries = 5, sleep = wait } = this.#target
    const headers = { ...this.#headers, 'cov.first-sequence': String(firstSequence) }
    const body = `[${texts.join(',')}]`
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#post(headers, body)
      if ('accepted' in outcome) return outcome.accepted
      if (!outcome.again || attempt >= retries) throw this.#failed(outcome.why)
      await sleep(Math.min(100 * 2 ** attempt, 5_000))
    }
  }

  async #post(
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<{ readonly accepted: number } | { readonly why: string; readonly again: boolean }> {
    try {
      const signal = AbortSignal.timeout(this.#target.timeoutMs ?? 10_000)
      const answer = await fetch(this.#url, { method: 'POST', headers, body, signal })
      const text = await answer.text()
      if (!answer.ok)
        return { why: `answered ${answer.status}: ${text.slice(0, 2_000)}`, again: RETRIED.has(answer.status) }
      const { accepted } = JSON.parse(text) as { readonly accepted?: unknown }
      if (typeof accepted === 'number') return { accepted }
      return { why: `answered without a count: ${text.slice(0, 200)}`, again: false }
    } catch (thrown) {
      const cause = thrown instanceof Error && thrown.cause !== undefined ? `: ${messageOf(thrown.cause)}` : ''
      return { why: `cannot be reached: ${messageOf(thrown)}${cause}`, again: true }
    }
  }

  #failed(why: string): CovenantError {
    return new CovenantError({
      code: 'VALIDATION_DELIVERY_FAILED',
      message: `${this.#url} ${why}.`,
      where: this.#url,
      remedy: 'Send the same events again: what arrived meanwhile is not appended twice.',
      retryable: true,
    })
  }
}
