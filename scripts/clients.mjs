// Installs the unchanged Confluent clients that the end-to-end tests run, JavaScript and Python, by the lock files of
// test/clients/ into .cache/clients/: apart from the product, whose own lock file stays small. A second run finds a
// stamp and does nothing.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digest, findPython, root, run } from './setup.mjs'

const folder = join(root, '.cache', 'clients')
const stampFile = join(folder, 'stamp.json')
const files = ['package.json', 'package-lock.json', 'requirements.txt'].map((name) => join('test', 'clients', name))

/** Installs what is missing; answers where the JavaScript packages and the Python interpreter are. */
export function installClients(say = (line) => process.stderr.write(`${line}\n`)) {
  const venv = join(folder, 'python')
  const python = process.platform === 'win32' ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python')
  const clients = { javascript: join(folder, 'package.json'), python }
  const wanted = digest(...files)
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted && existsSync(python)) return clients
  say('Installing the clients that the end-to-end tests run (about a minute)')
  mkdirSync(folder, { recursive: true })
  for (const name of files.slice(0, 2)) copyFileSync(join(root, name), join(folder, name.split(/[\\/]/).at(-1)))
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {}, folder)
  rmSync(venv, { recursive: true, force: true })
  run(findPython(), ['-m', 'venv', venv])
  const flags = ['--quiet', '--disable-pip-version-check', '--no-input', '--require-hashes']
  run(python, ['-m', 'pip', 'install', ...flags, '-r', join('test', 'clients', 'requirements.txt')])
  writeFileSync(stampFile, wanted)
  return clients
}
