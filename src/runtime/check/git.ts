import { spawn } from 'node:child_process'
import { CovenantError, systemCodeOf } from '../../kernel/index.ts'

/** A commit of the repository that a project lies in, as far as a check reads it. */
export interface Base {
  /** Root folder of the repository. */
  readonly root: string
  /** The project's folder in the repository with a slash behind it, e.g. `services/orders/`; empty for the root. */
  readonly prefix: string
  /** What was compared with, in words: `main`, or `the merge base with main`. */
  readonly name: string
  readonly commit: string
}

/** A file of a commit. */
export interface BaseFile {
  /** From the root of the repository, with `/`. */
  readonly path: string
  readonly text: string
}

const CONTRACT_FILE = /\.odcs\.ya?ml$/
/** Where a branch usually starts from, the likeliest first. */
const TRUNKS = ['origin/main', 'main', 'origin/master', 'master'] as const

/**
 * Finds the commit to compare with. `reference` is taken as it is; `main...` stands for the merge base of `main` and
 * `HEAD`, as in `git diff main...`. Without one it is the merge base with `origin/main` or `main`, else `HEAD`.
 *
 * Throws `GIT_MISSING`, `GIT_NO_REPOSITORY`, `GIT_REFERENCE_UNKNOWN` and `GIT_HISTORY_SHALLOW`.
 */
export async function findBase(projectDir: string, reference?: string): Promise<Base> {
  const place = await git(projectDir, ['rev-parse', '--show-toplevel', '--show-prefix'])
  if (place.code !== 0) throw noRepository(projectDir, place.error)
  const [root = '', prefix = ''] = place.text.split('\n')
  const named = reference === undefined ? await newestTrunk(root) : { reference, mergeBase: false }
  const mergeBase = named.mergeBase || named.reference.endsWith('...')
  const target = named.reference.replace(/\.\.\.$/, '')
  const commit = await commitOf(root, target)
  if (!mergeBase) return { root, prefix, name: target, commit }
  return { root, prefix, name: `the merge base with ${target}`, commit: await mergeBaseOf(root, target, commit) }
}

/** The contract files of a commit, of the whole repository. */
export async function contractFilesAt({ root, commit }: Base): Promise<readonly BaseFile[]> {
  const listed = await git(root, ['ls-tree', '-r', '-z', '--full-tree', commit])
  if (listed.code !== 0) throw unreadable(root, commit, listed.error)
  const entries = listed.text.split('\0').flatMap((line) => {
    // Symbolic links (mode 120000) and submodules hold no text of their own.
    const [, object, path] = /^100\d{3} blob ([0-9a-f]+)\t(.*)$/s.exec(line) ?? []
    return object !== undefined && path !== undefined && CONTRACT_FILE.test(path) ? [{ object, path }] : []
  })
  const texts = await readObjects(
    root,
    commit,
    entries.map(({ object }) => object),
  )
  return entries.map(({ path }, index) => ({ path, text: texts[index]! }))
}

/** All blobs through one process: a project of a hundred contracts is read as fast as one of ten. */
async function readObjects(root: string, commit: string, objects: readonly string[]): Promise<readonly string[]> {
  if (objects.length === 0) return []
  const { code, bytes, error } = await git(root, ['cat-file', '--batch'], `${objects.join('\n')}\n`)
  if (code !== 0) throw unreadable(root, commit, error)
  let at = 0
  return objects.map(() => {
    const headEnd = bytes.indexOf(0x0a, at)
    const head = bytes.toString('latin1', at, headEnd)
    const [, size] = /^[0-9a-f]+ blob (\d+)$/.exec(head) ?? []
    if (size === undefined) throw unreadable(root, commit, head)
    const start = headEnd + 1
    at = start + Number(size) + 1
    return bytes.toString('utf8', start, at - 1)
  })
}

async function newestTrunk(root: string): Promise<{ reference: string; mergeBase: boolean }> {
  for (const reference of TRUNKS)
    if ((await resolveCommit(root, reference)) !== null) return { reference, mergeBase: true }
  return { reference: 'HEAD', mergeBase: false }
}

async function commitOf(root: string, reference: string): Promise<string> {
  const commit = await resolveCommit(root, reference)
  if (commit !== null) return commit
  const shallow = await isShallow(root)
  throw new CovenantError({
    code: 'GIT_REFERENCE_UNKNOWN',
    message: `The repository has no commit that is called ${reference}.`,
    where: root,
    remedy: shallow
      ? 'The clone is shallow: fetch the reference (`git fetch origin main`; in GitHub Actions `fetch-depth: 0`).'
      : reference === 'HEAD'
        ? 'Commit something first.'
        : 'Check its name with `git branch --all`, and fetch it where it is missing.',
  })
}

async function resolveCommit(root: string, reference: string): Promise<string | null> {
  const found = await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${reference}^{commit}`])
  return found.code === 0 ? found.text.trim() : null
}

async function mergeBaseOf(root: string, reference: string, commit: string): Promise<string> {
  const head = await commitOf(root, 'HEAD')
  const found = await git(root, ['merge-base', commit, head])
  if (found.code === 0) return found.text.trim()
  const shallow = await isShallow(root)
  throw new CovenantError({
    code: shallow ? 'GIT_HISTORY_SHALLOW' : 'GIT_REFERENCE_UNKNOWN',
    message: shallow
      ? `The clone is shallow, so the commit in which HEAD and ${reference} meet is not there.`
      : `HEAD and ${reference} have no common history.`,
    where: root,
    remedy: shallow
      ? 'Fetch the whole history (`git fetch --unshallow`; in GitHub Actions `fetch-depth: 0`), or name a commit that is there with --base.'
      : 'Name the commit to compare with: --base REF.',
  })
}

async function isShallow(root: string): Promise<boolean> {
  return (await git(root, ['rev-parse', '--is-shallow-repository'])).text.trim() === 'true'
}

interface GitAnswer {
  readonly code: number
  readonly bytes: Buffer
  readonly text: string
  readonly error: string
}

/** Runs git; only reads, takes no locks, and speaks English whatever the locale. Throws `GIT_MISSING`. */
function git(folder: string, args: readonly string[], input = ''): Promise<GitAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<GitAnswer>()
  const child = spawn('git', ['-C', folder, ...args], {
    env: { ...environment(), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  child.on('error', (cause) => reject(systemCodeOf(cause) === 'ENOENT' ? gitMissing(cause) : cause))
  child.on('close', (code) => {
    const bytes = Buffer.concat(output)
    resolve({ code: code ?? 1, bytes, text: bytes.toString('utf8'), error: Buffer.concat(errors).toString('utf8') })
  })
  // A git that ends early has told why; the broken pipe tells nothing more.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  return promise
}

/** Without what git sets for its hooks: there, too, the folder says which repository is meant. */
function environment(): NodeJS.ProcessEnv {
  const {
    GIT_DIR: _directory,
    GIT_WORK_TREE: _tree,
    GIT_INDEX_FILE: _index,
    GIT_PREFIX: _prefix,
    ...rest
  } = process.env
  return rest
}

function gitMissing(cause: unknown): CovenantError {
  return new CovenantError({
    code: 'GIT_MISSING',
    message: 'The program git was not found.',
    remedy: 'Install git, and see that it is on the PATH.',
    cause,
  })
}

function noRepository(projectDir: string, error: string): CovenantError {
  const reason = error
    .trim()
    .split('\n')[0]
    ?.replace(/^fatal: /, '')
  return new CovenantError({
    code: 'GIT_NO_REPOSITORY',
    message: `The project lies in no git repository that can be read${reason ? `: ${reason.replace(/\.$/, '')}` : ''}.`,
    where: projectDir,
    remedy: 'Contracts are compared with a commit: run `git init` and commit them, or go to the repository.',
  })
}

function unreadable(root: string, commit: string, error: string): CovenantError {
  return new CovenantError({
    code: 'GIT_REFERENCE_UNKNOWN',
    message: `The files of commit ${commit.slice(0, 12)} cannot be read: ${error.trim().split('\n')[0]}.`,
    where: root,
    remedy: 'Fetch the commit with its files: a partial or broken clone lacks them.',
  })
}
