import type { PushProgress } from '../../runtime/index.ts'

/** A progress bar over the steps of a push on standard error, where that is a terminal. */
export function applyProgress(): { update(progress: PushProgress): void; stop(): void } {
  let bar: import('cli-progress').SingleBar | null = null
  let stopped = false
  let last: PushProgress | null = null
  if (process.stderr.isTTY)
    void import('cli-progress').then(({ default: progress }) => {
      if (stopped) return
      const format = 'pushing {bar} {value}/{total} {target}'
      bar = new progress.SingleBar(
        { format, stream: process.stderr, clearOnComplete: true },
        progress.Presets.shades_classic,
      )
      bar.start(last?.steps ?? 1, last?.stepsDone ?? 0, { target: last?.target ?? '' })
    })
  return {
    update(progress) {
      last = progress
      bar?.setTotal(progress.steps)
      bar?.update(progress.stepsDone, { target: progress.target })
    },
    stop() {
      stopped = true
      bar?.stop()
    },
  }
}
