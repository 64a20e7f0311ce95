import type { ValidationPlan } from '../../contract/index.ts'
import { CovenantError, Mutex } from '../../kernel/index.ts'
import { Producer, type ProducerOptions } from '../../topic/index.ts'
import type { Violation } from '../define.ts'
import { compileEventCheck, type EventCheck } from './event-check.ts'
import { HttpDelivery, type HttpTarget } from './http-delivery.ts'

/** What a generated module says of its contract. */
export interface ProducerContract<Event extends object>
  extends Pick<ProducerOptions<Event>, 'topic' | 'key' | 'eventTime'> {
  readonly contractVersion: string
  readonly plan: ValidationPlan
}

/** Where events go: over HTTP to where Covenant serves, or into the log of this process. */
export type ProducerTarget = HttpTarget | Pick<ProducerOptions<object>, 'log' | 'clock' | 'producerId'>

export type TypedProducerOptions = ProducerTarget & {
  /** Number of the first event that this object sends among all that the producer ever sends to the topic; 0. */
  readonly firstSequence?: number
}

export interface TypedSendOptions {
  /**
   * Of events that the contract refuses: `refuse` (the default) sends nothing of the call and throws; `send` sends them
   * too, and they become dead letters, where others see them.
   */
  readonly violating?: 'refuse' | 'send'
}

/** Events that the contract refuses were to be sent. None of the call's events was. */
export class ContractViolation extends CovenantError {
  /** Index of each refused event, and what it breaks. */
  readonly violations: readonly (readonly [index: number, violation: Violation])[]

  constructor(topic: string, violations: ContractViolation['violations']) {
    const first = violations
      .slice(0, 5)
      .map(([index, v]) => `event ${index}: ${v.ruleId} (${v.expected}, found ${v.got})`)
    const more = violations.length > 5 ? `; and ${violations.length - 5} more` : ''
    super({
      code: 'VALIDATION_EVENT_REFUSED',
      message: `The contract refuses what was to be sent: ${first.join('; ')}${more}.`,
      where: topic,
      remedy: "Mend the events, or send them with { violating: 'send' } to have them as dead letters.",
    })
    this.violations = violations
  }
}

/**
 * Sends events that keep their contract: each is held against it before, with the verdict that the raw topic's validator
 * would give. `covenant contract codegen` writes one for each contract, with its type.
 *
 * A call that is repeated appends nothing twice, because the events are counted. Calls are sent one after the other.
 *
 * @example
 * const producer = ordersPlacedProducer({ url: 'http://localhost:8080', producerId: 'shop-7' })
 * await producer.send([{ orderId: 1, amount: 12 }]) // 1
 */
export class TypedProducer<Event extends object> {
  readonly #topic: string
  readonly #check: EventCheck
  readonly #deliver: (texts: readonly string[], firstSequence: number) => Promise<number>
  readonly #sending = new Mutex()
  #sequence: number
  /** What was sent last and not confirmed. */
  #unconfirmed: readonly string[] = []

  constructor(contract: ProducerContract<Event>, options: TypedProducerOptions) {
    const { topic, contractVersion, plan } = contract
    this.#topic = topic
    this.#check = compileEventCheck(plan)
    this.#sequence = options.firstSequence ?? 0
    if ('url' in options) {
      const delivery = new HttpDelivery(topic, contractVersion, options)
      this.#deliver = (texts, firstSequence) => delivery.send(texts, firstSequence)
    } else {
      const producer = new Producer<Event>({ ...contract, cdc: plan.cdc, ...options })
      // What was judged is sent, also where an event changed meanwhile.
      this.#deliver = (texts, firstSequence) =>
        producer.send(
          texts.map((text) => JSON.parse(text) as Event),
          { firstSequence },
        )
    }
  }

  /**
   * Validates all events, then appends them in one transaction.
   *
   * @returns how many were new: fewer than given where some had arrived before.
   * @throws ContractViolation (`VALIDATION_EVENT_REFUSED`); `VALIDATION_DELIVERY_FAILED`, after which sending the same
   *   events again is harmless; in process what `Producer.send` throws.
   */
  async send(events: readonly Event[], { violating = 'refuse' }: TypedSendOptions = {}): Promise<number> {
    const texts: string[] = []
    const broken: (readonly [number, Violation])[] = []
    for (const [index, event] of events.entries()) {
      const { text, violations } = this.#check(event)
      if (text !== null) texts.push(text)
      if (text === null || violating === 'refuse')
        for (const violation of violations) if (violation.severity === 'error') broken.push([index, violation])
    }
    if (broken.length > 0) throw new ContractViolation(this.#topic, broken)
    if (texts.length === 0) return 0
    return this.#sending.run(() => this.#send(texts))
  }

  async #send(texts: readonly string[]): Promise<number> {
    // Other events than those that may have arrived get numbers of their own, or they would count as repeated.
    if (!isSame(texts, this.#unconfirmed)) this.#sequence += this.#unconfirmed.length
    this.#unconfirmed = texts
    const accepted = await this.#deliver(texts, this.#sequence)
    this.#sequence += texts.length
    this.#unconfirmed = []
    return accepted
  }
}

/**
 * Lists all that is wrong with an event, and warnings of rules that are not enforced; an empty list where it conforms.
 *
 * @example validatorOf(plan)({ orderId: -1 })[0]?.ruleId // 'orderId.minimum'
 */
export function validatorOf(plan: ValidationPlan): (event: unknown) => readonly Violation[] {
  const check = compileEventCheck(plan)
  return (event) => check(event).violations
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index])
}
