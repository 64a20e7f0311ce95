import { constants } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { CovenantError, messageOf, sha256 } from '../../kernel/index.ts'
import type { PythonEnvironment } from '../../pipelines/ports.ts'

export interface VirtualEnvironmentOptions {
  /** Path of the interpreter, e.g. `.venv/bin/python` of the package. */
  readonly interpreter: string
  /** The pinned, hashed requirements file that the environment was made from. */
  readonly lockFile: string
  /** Folder that holds `covenant_steps`. */
  readonly modules: string
}

/** The Python virtual environment that `npm run setup` makes. */
export class VirtualEnvironment implements PythonEnvironment {
  readonly #options: VirtualEnvironmentOptions

  constructor(options: VirtualEnvironmentOptions) {
    this.#options = options
  }

  async interpreter(): Promise<string> {
    const { interpreter } = this.#options
    try {
      await access(interpreter, constants.X_OK)
      return interpreter
    } catch (cause) {
      throw missing(`There is no Python interpreter at ${interpreter}.`, cause)
    }
  }

  async hash(): Promise<string> {
    try {
      return sha256(await readFile(this.#options.lockFile))
    } catch (cause) {
      throw missing(`The Python lock file cannot be read: ${messageOf(cause)}.`, cause)
    }
  }

  variables(): Readonly<Record<string, string>> {
    return {
      PYTHONPATH: this.#options.modules,
      PYTHONUNBUFFERED: '1',
      // Steps run from the deployed sources, which nothing may add files to.
      PYTHONDONTWRITEBYTECODE: '1',
      // Sets and dicts of strings iterate alike in every process, so that equal inputs give equal outputs.
      PYTHONHASHSEED: '0',
    }
  }
}

function missing(message: string, cause: unknown): CovenantError {
  return new CovenantError({
    code: 'PIPELINE_PYTHON_MISSING',
    message,
    remedy: 'Set it up with: npm run setup.',
    cause,
  })
}
