import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A git repository around a folder, for tests: nothing of the user's own configuration counts. */
export class GitRepository {
  readonly root: string

  constructor(root: string) {
    this.root = root
    this.git('init', '--quiet', '--initial-branch=main')
    this.write({ '.gitignore': 'node_modules\n.covenant\n' })
  }

  git(...args: readonly string[]): string {
    return execFileSync('git', args, {
      cwd: this.root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_SYSTEM: '/dev/null',
        GIT_AUTHOR_NAME: 'Ada',
        GIT_AUTHOR_EMAIL: 'ada@stations.example',
        GIT_COMMITTER_NAME: 'Ada',
        GIT_COMMITTER_EMAIL: 'ada@stations.example',
      },
    })
  }

  /** Writes files, or removes those whose text is `null`. */
  write(files: Readonly<Record<string, string | null>>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.root, name)
      if (text === null) rmSync(path)
      else {
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, text)
      }
    }
  }

  /** Commits everything; the commit's name. */
  commit(files: Readonly<Record<string, string | null>> = {}): string {
    this.write(files)
    this.git('add', '--all')
    this.git('commit', '--quiet', '--allow-empty', '--message', 'change')
    return this.git('rev-parse', 'HEAD').trim()
  }
}
