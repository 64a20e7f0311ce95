import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/**
 * A program of a peer's own virtual environment in `.cache/peers`, made from the pinned versions of `<name>.txt` where
 * it is not there yet.
 */
export function peerProgram(name: string, program: string): string {
  const requirements = join(import.meta.dirname, `${name}.txt`)
  const folder = join(root, '.cache', 'peers', name)
  const stamp = join(folder, 'requirements.sha256')
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex')
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    process.stderr.write(`Installing ${name} into ${folder}\n`)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    run(process.env.COVENANT_PYTHON ?? 'python3', ['-m', 'venv', folder])
    run(join(folder, 'bin', 'python'), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      requirements,
    ])
    writeFileSync(stamp, wanted)
  }
  return join(folder, 'bin', program)
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`)
}
