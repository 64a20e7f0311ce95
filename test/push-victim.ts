/** Applies a project, and kills itself at a moment of the push: the victim of `src/runtime/push/kill.test.ts`. */
import { openCovenant } from '../src/runtime/covenant.ts'

const [projectDir, stateDir, events] = process.argv.slice(2)
if (process.argv[1] === import.meta.filename) await pushUntil(projectDir!, stateDir!, Number(events))

/** Writes a dot for each thing that the push does, and dies at the given one; never where that is negative. */
async function pushUntil(project: string, state: string, eventsMax: number): Promise<void> {
  let count = 0
  const onProgress = () => {
    process.stdout.write('.')
    if (count++ === eventsMax) process.kill(process.pid, 'SIGKILL')
  }
  const covenant = await openCovenant({ projectDir: project, stateDir: state, durability: 'process' })
  await covenant.apply({ planOnly: false, push: { accept: false, onProgress } })
  await covenant.close()
}
