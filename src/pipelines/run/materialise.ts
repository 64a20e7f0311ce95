import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { systemCodeOf } from '../../kernel/index.ts'
import type { PipelineVersion } from '../ports.ts'

/**
 * Writes the sources of a version to a folder of its own under `folder` and returns it. A run executes these files,
 * never the working tree. Each version has another path, so that Node.js really loads a new version's modules.
 *
 * TypeScript steps import the package: `node_modules/covenant` links to it, and as Node.js resolves links before it
 * decides about type stripping, this also works where the package itself is TypeScript.
 */
export function materialise(version: PipelineVersion, folder: string, packageRoot: string): string {
  const target = join(folder, 'versions', `${version.pipeline}-${version.version}`)
  if (!existsSync(target)) write(version, target)
  restore(version, target)
  linkPackage(target, packageRoot)
  return target
}

function write(version: PipelineVersion, target: string): void {
  mkdirSync(dirname(target), { recursive: true })
  const draft = mkdtempSync(`${target}.draft-`)
  restore(version, draft)
  // Without this, Node.js would have to guess whether the steps are modules.
  writeFileSync(join(draft, 'package.json'), '{ "type": "module", "private": true }\n')
  try {
    renameSync(draft, target)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (!['EEXIST', 'ENOTEMPTY'].includes(systemCodeOf(error) ?? '')) throw error
  }
}

/** Writes the files that lack or were changed since. */
function restore(version: PipelineVersion, folder: string): void {
  for (const [file, text] of Object.entries(version.sources)) {
    const path = join(folder, file)
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}

function linkPackage(folder: string, packageRoot: string): void {
  const link = join(folder, 'node_modules', 'covenant')
  if (linkTarget(link) === packageRoot) return
  mkdirSync(dirname(link), { recursive: true })
  rmSync(link, { force: true })
  symlinkSync(packageRoot, link, 'junction')
}

function linkTarget(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}
