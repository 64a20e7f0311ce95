const WIDTH = 28

/** A progress line on standard error: a bar that is redrawn on a terminal, a line a month elsewhere. */
export class Progress {
  readonly #terminal = process.stderr.isTTY === true
  #lastDrawnMs = 0
  #lastMonth = ''

  /** `done` is 0 to 1. */
  update(now: number, done: number, elapsedMs: number): void {
    const day = new Date(now).toISOString().slice(0, 10)
    const left = done > 0.02 ? `, about ${Math.ceil(((elapsedMs / done) * (1 - done)) / 1000)} s left` : ''
    const times = `${Math.round(elapsedMs / 1000)} s${left}`
    if (this.#terminal) {
      if (elapsedMs - this.#lastDrawnMs < 100 && done < 1) return
      this.#lastDrawnMs = elapsedMs
      const filled = Math.round(done * WIDTH)
      const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`
      process.stderr.write(`\r\u001b[2K${bar} ${day}  ${times}`)
      return
    }
    if (day.slice(0, 7) === this.#lastMonth) return
    this.#lastMonth = day.slice(0, 7)
    process.stderr.write(`${day}  ${Math.round(done * 100)} %  ${times}\n`)
  }

  /** Prints a line of its own above the bar. */
  say(line: string): void {
    process.stderr.write(this.#terminal ? `\r\u001b[2K${line}\n` : `${line}\n`)
  }

  end(): void {
    if (this.#terminal) process.stderr.write('\n')
  }
}
