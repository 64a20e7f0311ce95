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

/** Folders with unpacked DuckDB extensions of the version that Covenant pins. */
export function duckDbExtensionFolders(): readonly string[] {
  const packages = sitePackages()
  if (!packages) return []
  return readdirSync(packages)
    .filter((name) => name.startsWith('duckdb_extension_') && !name.includes('-'))
    .flatMap((name) => {
      const versions = join(packages, name, 'extensions')
      return existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version)) : []
    })
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
  const extensions = duckDbExtensionFolders()
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
      ok: extensions.length > 0,
      detail: extensions.length > 0 ? `${extensions.length} unpacked` : 'none unpacked: npm run setup brings them',
    },
  ]
}
