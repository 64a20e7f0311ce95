import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that Covenant is installed in: where its package.json is. */
export const packageRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** `python3` of the virtual environment that the set-up made; it may be missing. */
export function pythonFile(): string {
  return process.platform === 'win32'
    ? join(packageRoot, '.venv', 'Scripts', 'python.exe')
    : join(packageRoot, '.venv', 'bin', 'python')
}

/** The lock file that the virtual environment was made from. */
export const pythonLockFile = join(packageRoot, 'python', 'requirements.txt')

/** The folder that Python steps import `covenant_steps` from. */
export const pythonModules = join(packageRoot, 'python')

/** `site-packages` of the virtual environment, or `undefined` where there is none. */
export function sitePackages(): string | undefined {
  const windows = join(packageRoot, '.venv', 'Lib', 'site-packages')
  if (existsSync(windows)) return windows
  const lib = join(packageRoot, '.venv', 'lib')
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
export async function checkInstallation(): Promise<readonly InstallationFinding[]> {
  const major = Number(process.versions.node.split('.')[0])
  const extensions = duckDbExtensionFolders().some((folder) => existsSync(join(folder, 'duckdb_extension_ducklake')))
  const python = existsSync(pythonFile())
  return [
    { name: 'Node', ok: major >= 24, detail: `${process.version}${major >= 24 ? '' : ': 24 or newer is needed'}` },
    {
      name: 'Python for steps',
      ok: python,
      detail: python ? pythonFile() : 'no virtual environment: npm run setup makes it',
    },
    {
      name: 'DuckDB extensions',
      ok: extensions,
      detail: extensions ? 'unpacked' : 'not unpacked: npm run setup brings them',
    },
  ]
}
