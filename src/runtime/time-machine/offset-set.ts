/** Offsets of the partitions of a topic, one bit each: a hundred million of them take 12 MB. */
export class OffsetSet {
  readonly #topic: string
  readonly #partitions: Uint8Array[]
  #size = 0

  /** @param ends end offset of each partition; offsets from there on are in no set */
  constructor(topic: string, ends: readonly number[]) {
    this.#topic = topic
    this.#partitions = ends.map((end) => new Uint8Array(Math.ceil(end / 8)))
  }

  get size(): number {
    return this.#size
  }

  add(partition: number, offset: number): void {
    const bits = this.#partitions[partition]
    if (bits === undefined || offset >= bits.length * 8 || this.has(partition, offset)) return
    bits[offset >> 3]! |= 1 << (offset & 7)
    this.#size++
  }

  has(partition: number, offset: number): boolean {
    return (((this.#partitions[partition]?.[offset >> 3] ?? 0) >> (offset & 7)) & 1) === 1
  }

  /** Whether it holds the record that a source such as `orders.raw/0/17` names. */
  hasSource(source: string | undefined): boolean {
    const [, topic, partition, offset] = /^(.+)\/(\d+)\/(\d+)$/.exec(source ?? '') ?? []
    return topic === this.#topic && this.has(Number(partition), Number(offset))
  }
}
