import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that Covenant is installed in: where its package.json is. */
export const packageRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The virtual environment that the set-up made; another one can be named in `COVENANT_VENV`. It may be missing. */
function virtualEnvironment(): string {
  return process.env.COVENANT_VENV || join(packageRoot, '.venv')
}

/** The Python interpreter of the virtual environment; it may be missing. */
export function pythonFile(): string {
  return process.platform === 'win32'
    ? join(virtualEnvironment(), 'Scripts', 'python.exe')
    : join(virtualEnvironment(), 'bin', 'python')
}

/** The lock file that the virtual environment was made from. */
export const pythonLockFile = join(packageRoot, 'python', 'requirements.txt')

/** The folder that Python steps import `covenant_steps` from. */
export const pythonModules = join(packageRoot, 'python')

/** `site-packages` of the virtual environment, or `undefined` where there is none. */
export function sitePackages(): string | undefined {
  const windows = join(virtualEnvironment(), 'Lib', 'site-packages')
  if (existsSync(windows)) return windows
  const lib = join(virtualEnvironment(), 'lib')
  if (!existsSync(lib)) return undefined
  const version = readdirSync(lib).find((name) => name.startsWith('python3'))
  return version ? join(lib, version, 'site-packages') : undefined
}

/** Where unpacked DuckDB extensions are looked for. */
export function duckDbExtensionFolders(): readonly string[] {
  const packages = sitePackages()
  return packages ? [packages] : []
}

/** Version of the package, as in package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version
}

export interface InstallationFinding {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

/** Checks what Covenant needs beside its npm packages: Node 24, Python for steps, the DuckDB extensions. */
export function checkInstallation(): readonly InstallationFinding[] {
  return [checkNode(), checkPython(), checkExtensions()]
}

function checkNode(): InstallationFinding {
  const ok = Number(process.versions.node.split('.')[0]) >= 24
  return { name: 'Node', ok, detail: ok ? process.version : `${process.version}: 24 or newer is needed` }
}

function checkPython(): InstallationFinding {
  const name = 'Python for steps'
  const answer = spawnSync(pythonFile(), ['--version'], { encoding: 'utf8', timeout: 10_000 })
  return answer.status === 0
    ? { name, ok: true, detail: `${answer.stdout.trim()}, ${pythonFile()}` }
    : { name, ok: false, detail: `no working Python at ${pythonFile()}: npm run setup makes it` }
}

function checkExtensions(): InstallationFinding {
  const name = 'DuckDB extensions'
  const missing = ['ducklake', 'sqlite_scanner'].filter(
    (extension) =>
      !duckDbExtensionFolders().some((folder) => existsSync(join(folder, `duckdb_extension_${extension}`))),
  )
  return missing.length === 0
    ? { name, ok: true, detail: 'unpacked' }
    : { name, ok: false, detail: `${missing.join(' and ')} not unpacked: npm run setup brings them` }
}
