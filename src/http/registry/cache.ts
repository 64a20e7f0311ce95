import type { FastifyReply } from 'fastify'
import type { Subjects, SubjectView } from '../../registry/index.ts'
import type { RegistryRequest } from './request.ts'

const ENTRIES_MAX = 10_000

/** Answers the same address with the same bytes as long as nothing changed. */
export class AnswerCache {
  readonly #subjects: Subjects
  readonly #answers = new Map<string, Buffer>()
  #revision = -1

  constructor(subjects: Subjects) {
    this.#subjects = subjects
  }

  async answer(
    request: RegistryRequest,
    reply: FastifyReply,
    read: (view: SubjectView) => unknown,
  ): Promise<FastifyReply> {
    const view = await this.#subjects.view()
    if (this.#subjects.revision !== this.#revision || this.#answers.size >= ENTRIES_MAX) {
      this.#answers.clear()
      this.#revision = this.#subjects.revision
    }
    let answer = this.#answers.get(request.url)
    if (answer === undefined) {
      answer = Buffer.from(JSON.stringify(read(view)))
      this.#answers.set(request.url, answer)
    }
    return reply.send(answer)
  }
}
