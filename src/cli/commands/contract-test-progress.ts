import type { TestSource } from '../../runtime/contract-test/source.ts'

/** A progress bar on standard error while records are read, where that is a terminal and the size is known. */
export function testProgress(source: TestSource): { update(bytes: number): void; stop(): void } {
  const total = source.kind === 'records' ? source.bytes : null
  let bar: import('cli-progress').SingleBar | null = null
  let stopped = false
  if (total !== null && process.stderr.isTTY)
    void import('cli-progress').then(({ default: progress }) => {
      if (stopped) return
      const format = 'testing {bar} {percentage}% {eta_formatted}'
      bar = new progress.SingleBar(
        { format, stream: process.stderr, clearOnComplete: true },
        progress.Presets.shades_classic,
      )
      bar.start(total, 0)
    })
  return {
    update: (bytes) => bar?.update(Math.min(bytes, total ?? bytes)),
    stop: () => {
      stopped = true
      bar?.stop()
    },
  }
}
