import { createRequire } from 'node:module'

/**
 * A library that is loaded when it is first used, because most commands need none of it and start sooner so.
 *
 * @param from `import.meta.url` of the module that uses it.
 * @example const cel = lazy<typeof import('@bufbuild/cel')>('@bufbuild/cel', import.meta.url); cel().parse('1 < 2')
 */
export function lazy<Module>(name: string, from: string): () => Module {
  let loaded: Module | undefined
  return () => {
    loaded ??= createRequire(from)(name) as Module
    return loaded
  }
}
