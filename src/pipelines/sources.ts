import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { CovenantError } from '../kernel/index.ts'
import type { Pipeline, Step } from './step.ts'

/** Every file that a step is made of, by its path in the project with `/`. */
export type Sources = Readonly<Record<string, string>>

/** A file path rather than SQL text. */
const SQL_FILE = /^\S+\.sql$/

/** `import … from './x.ts'`, `export … from`, `import './x.ts'` and `import('./x.ts')`; types are not there at run time. */
const TYPESCRIPT_IMPORT =
  /(?:^[ \t]*(?:import|export)\s+(?!type\b)[^'"]*?from|\bimport\s*\(?)\s*['"](\.{1,2}\/[^'"]+)['"]/gm
/** `import x`, `import x.y as z, w`, `from x import y`, `from .x import y`. */
const PYTHON_IMPORT = /^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+([^\n#]+)|import[ \t]+([^\n#]+))/gm

/**
 * Reads the step files of a pipeline and, over and over, the project's files that they import: relative imports of
 * TypeScript, and modules of Python that lie beside the script.
 *
 * Throws `PIPELINE_SOURCE_MISSING` for a file that a step names.
 */
export function readSources(pipeline: Pipeline, projectDir: string): Sources {
  const sources = new Map<string, string>()
  for (const step of pipeline.steps)
    for (const file of ownFilesOf(step)) readWithImports(posix.normalize(file), projectDir, step, sources)
  return Object.fromEntries([...sources].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The part of the sources that a step is made of. */
export function filesOf(step: Step, sources: Sources): readonly string[] {
  const found = new Set<string>()
  const visit = (file: string): void => {
    if (found.has(file) || sources[file] === undefined) return
    found.add(file)
    for (const imported of importsOf(file, sources[file])) visit(imported)
  }
  for (const file of ownFilesOf(step)) visit(posix.normalize(file))
  return [...found].sort()
}

/** The SQL that a step runs, from its file or from the definition. */
export function sqlTextOf(step: Step, sources: Sources): readonly string[] {
  if (step.kind === 'sql') return [textOf(step.sql, sources)]
  if (step.kind !== 'training-set') return []
  return [textOf(step.spine, sources), ...(step.holdout === null ? [] : [step.holdout])]
}

/** The text of an SQL file among the sources, or `sql` itself where it is not the name of a file. */
export function textOf(sql: string, sources: Sources): string {
  return SQL_FILE.test(sql) ? (sources[posix.normalize(sql)] ?? '') : sql
}

function ownFilesOf(step: Step): readonly string[] {
  switch (step.kind) {
    case 'training-set':
      return SQL_FILE.test(step.spine) ? [step.spine] : []
    case 'sql':
      return SQL_FILE.test(step.sql) ? [step.sql] : []
    case 'typescript':
      return [step.module]
    case 'python':
      return [step.script]
    case 'command':
      return step.files
    default:
      return []
  }
}

function readWithImports(file: string, projectDir: string, step: Step, sources: Map<string, string>): void {
  if (sources.has(file)) return
  const path = join(projectDir, file)
  if (file.startsWith('..') || posix.isAbsolute(file) || !existsSync(path))
    throw new CovenantError({
      code: 'PIPELINE_SOURCE_MISSING',
      message: `Step "${step.name}" needs the file ${file}, which is not in the project.`,
      where: projectDir,
      remedy: 'Create it, or mend its path: paths start at the folder of covenant.config.ts.',
    })
  const text = readFileSync(path, 'utf8')
  sources.set(file, text)
  for (const imported of importsOf(file, text))
    if (file.endsWith('.ts') || existsSync(join(projectDir, imported)))
      readWithImports(imported, projectDir, step, sources)
}

/** Paths in the project that a source file imports; those of Python are candidates that need not exist. */
function importsOf(file: string, text: string): readonly string[] {
  if (/\.[cm]?[jt]s$/.test(file))
    return [...text.matchAll(TYPESCRIPT_IMPORT)].map((match) => posix.join(dirname(file), match[1]!))
  if (file.endsWith('.py')) return [...text.matchAll(PYTHON_IMPORT)].flatMap((match) => pythonCandidates(file, match))
  return []
}

function pythonCandidates(file: string, [, from, names, plain]: RegExpMatchArray): readonly string[] {
  const listed = (list: string) => list.split(',').map((name) => name.trim().split(/\s+/)[0]!.replace(/[()]/g, ''))
  if (plain !== undefined) return listed(plain).flatMap((name) => moduleFiles(dirname(file), name))
  const dots = /^\.*/.exec(from!)![0].length
  const folder = posix.join(dirname(file), ...Array.from({ length: Math.max(0, dots - 1) }, () => '..'))
  const base = from!.slice(dots)
  // `from package import name`: name may be a module of the package.
  return [base, ...listed(names!).map((name) => (base ? `${base}.${name}` : name))]
    .filter((name) => name !== '')
    .flatMap((name) => moduleFiles(folder, name))
}

function moduleFiles(folder: string, dotted: string): readonly string[] {
  const path = posix.join(folder, ...dotted.split('.'))
  const packages = dotted
    .split('.')
    .map((_, index, parts) => posix.join(folder, ...parts.slice(0, index + 1), '__init__.py'))
  return [`${path}.py`, ...packages]
}
