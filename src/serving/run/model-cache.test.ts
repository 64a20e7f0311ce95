import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EventBus } from '../../kernel/index.ts'
import type { ModelVersion } from '../../metadata/index.ts'
import { ModelCache } from './model-cache.ts'

function version(artifact: string): ModelVersion {
  return { model: 'delay', version: 1, runId: 'r', artifact, path: artifact, createdAt: 0, metrics: {}, signature: {} }
}

/** A cache of two models, and a diary of what was loaded and released. */
function cacheOfTwo() {
  const diary: string[] = []
  const cache = new ModelCache({
    scorer: {
      async load(file) {
        diary.push(`load ${file}`)
        return {
          score: async () => new Float64Array(0),
          release: async () => void diary.push(`release ${file}`),
        }
      },
    },
    files: { resolve: (path) => path },
    events: new EventBus(),
    modelsMax: 2,
  })
  return { cache, diary }
}

const nothing = async () => undefined

describe('ModelCache', () => {
  it('loads a model once and releases the one not used for longest', async () => {
    const { cache, diary } = cacheOfTwo()
    for (const artifact of ['a', 'b', 'a', 'c', 'a']) await cache.use(version(artifact), 1, nothing)
    assert.deepEqual(diary, ['load a', 'load b', 'load c', 'release b'])
    assert.deepEqual(cache.loaded(), ['c', 'a'])
    await cache.close()
    assert.deepEqual(diary.slice(-2), ['release c', 'release a'])
  })

  it('keeps a model until the last call on it has ended', async () => {
    const { cache, diary } = cacheOfTwo()
    await cache.use(version('a'), 1, async () => {
      await cache.use(version('b'), 1, nothing)
      await cache.use(version('c'), 1, nothing)
      await cache.close()
      assert.ok(!diary.includes('release a'))
    })
    assert.ok(diary.includes('release a'))
  })

  it('loads once for two calls at the same time', async () => {
    const { cache, diary } = cacheOfTwo()
    await Promise.all([cache.use(version('a'), 1, nothing), cache.use(version('a'), 1, nothing)])
    assert.deepEqual(diary, ['load a'])
  })
})
