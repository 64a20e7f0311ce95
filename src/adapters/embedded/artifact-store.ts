import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, copyFile, mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { CovenantError, messageOf, systemCodeOf } from '../../kernel/index.ts'
import type { ArtifactStore } from '../../pipelines/ports.ts'

/** Extensions are kept, as programs look at them; anything odd is left out. */
const EXTENSION = /^\.[A-Za-z0-9]{1,16}$/
/** `.draft-<process id>-<random>`: a folder with one file that is being put in. */
const DRAFT = /^\.draft-(\d+)-/

/**
 * Files by content in a folder: `<2 hexadecimal digits>/<sha256>[.extension]`. A file is copied beside its place and
 * renamed to it, so that a path either holds the whole content or nothing.
 */
export class EmbeddedArtifactStore implements ArtifactStore {
  readonly #root: string
  #swept = false

  /** `root` is made at the first put. */
  constructor(root: string) {
    this.#root = resolve(root)
  }

  async put(file: string): Promise<{ readonly sha256: string; readonly path: string; readonly bytes: number }> {
    const draft = await this.#copyIn(file)
    try {
      const { sha256, bytes } = await digestOf(draft)
      const extension = extname(file)
      const path = `${sha256.slice(0, 2)}/${sha256}${EXTENSION.test(extension) ? extension.toLowerCase() : ''}`
      if (!(await this.has(path))) {
        await mkdir(dirname(join(this.#root, path)), { recursive: true })
        await rename(draft, join(this.#root, path))
      }
      return { sha256, path, bytes }
    } finally {
      await rm(dirname(draft), { recursive: true, force: true })
    }
  }

  resolve(path: string): string {
    const absolute = resolve(this.#root, path)
    const inside = relative(this.#root, absolute)
    if (inside !== '' && !isAbsolute(inside) && inside !== '..' && !inside.startsWith(`..${sep}`)) return absolute
    throw new CovenantError({
      code: 'PIPELINE_ARTIFACT_PATH',
      message: `The path "${path}" does not lie in the artifact store.`,
      where: this.#root,
      remedy: 'Use the path that was returned when the artifact was put in.',
    })
  }

  async has(path: string): Promise<boolean> {
    return access(this.resolve(path)).then(
      () => true,
      () => false,
    )
  }

  /** A copy that nobody else writes to, already on the disk. */
  async #copyIn(file: string): Promise<string> {
    try {
      await mkdir(this.#root, { recursive: true })
      await this.#sweep()
      const draft = join(await mkdtemp(join(this.#root, `.draft-${process.pid}-`)), 'content')
      await copyFile(file, draft)
      const handle = await open(draft, 'r+')
      await handle.sync().finally(() => handle.close())
      return draft
    } catch (cause) {
      throw new CovenantError({
        code: 'STATE_NOT_WRITABLE',
        message: `The file cannot be copied into the artifact store: ${messageOf(cause)}.`,
        where: this.#root,
        remedy: 'Check that the file is there, and that the state folder has space and may be written to.',
        cause,
      })
    }
  }

  /** Removes what processes that were killed have left half-copied. */
  async #sweep(): Promise<void> {
    if (this.#swept) return
    this.#swept = true
    for (const entry of await readdir(this.#root)) {
      const owner = Number(DRAFT.exec(entry)?.[1])
      if (owner && !isAlive(owner)) await rm(join(this.#root, entry), { recursive: true, force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCodeOf(error) === 'EPERM'
  }
}

async function digestOf(file: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      hash.update(chunk)
      bytes += chunk.length
    }
  })
  return { sha256: hash.digest('hex'), bytes }
}
