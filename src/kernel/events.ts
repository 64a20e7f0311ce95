/**
 * Stages tell what happened; they do not know who listens. Each stage declares its events in its `events.ts`:
 *
 * @example
 * declare module '../kernel/events.ts' {
 *   interface StageEvents {
 *     'lake.snapshot-committed': { readonly snapshotId: number }
 *   }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the stages through declaration merging
export interface StageEvents {}

export type EventName = keyof StageEvents
export type Listener<E extends EventName> = (event: StageEvents[E]) => void | Promise<void>

/** Delivers stage events in process, to each listener in the order of registration. */
export class EventBus {
  readonly #listeners = new Map<string, Listener<never>[]>()

  /** Calls `listener` for each later event `name`; the returned function ends that. */
  on<E extends EventName>(name: E, listener: Listener<E>): () => void {
    const listeners = this.#listeners.get(name) ?? []
    listeners.push(listener as Listener<never>)
    this.#listeners.set(name, listeners)
    return () => {
      const index = listeners.indexOf(listener as Listener<never>)
      if (index >= 0) listeners.splice(index, 1)
    }
  }

  /** Resolves when every listener has finished; the first listener that fails fails the emission. */
  async emit<E extends EventName>(name: E, event: StageEvents[E]): Promise<void> {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) await (listener as Listener<E>)(event)
  }
}
