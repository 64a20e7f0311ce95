import type { Subjects } from '../../registry/index.ts'
import type { AnswerCache } from './cache.ts'

/** What the routes share: `prefix` is that of a context or empty, `hide` keeps repeated routes out of the OpenAPI page. */
export interface RegistryParts {
  readonly subjects: Subjects
  readonly cache: AnswerCache
  readonly prefix: string
  readonly hide: boolean
}
