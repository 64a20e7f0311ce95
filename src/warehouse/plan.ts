import { CovenantError, nearest } from '../kernel/index.ts'
import type { Model } from './define.ts'

/**
 * Models in an order in which every `ref()` comes before the model that refers to it, else by name.
 *
 * Throws `WAREHOUSE_MODEL_UNKNOWN` and `WAREHOUSE_MODEL_CYCLE`, which names the circle.
 */
export function orderModels(models: readonly Model[]): readonly Model[] {
  const byName = new Map([...models].sort((a, b) => (a.name < b.name ? -1 : 1)).map((model) => [model.name, model]))
  const ordered = new Set<Model>()
  const visit = (model: Model, path: readonly string[]): void => {
    if (ordered.has(model)) return
    if (path.includes(model.name)) throw cycle([...path.slice(path.indexOf(model.name)), model.name])
    for (const ref of model.refs) visit(known(ref, model, byName), [...path, model.name])
    ordered.add(model)
  }
  for (const model of byName.values()) visit(model, [])
  return [...ordered]
}

/**
 * Refuses a model that reads a topic which no contract governs: it would wait for ever. `topics` are the contract topics.
 *
 * Throws `WAREHOUSE_SOURCE_UNKNOWN`.
 */
export function checkTopics(models: readonly Model[], topics: readonly string[]): void {
  for (const { name, sources, increments } of models)
    for (const topic of [...sources, ...increments]) {
      if (topics.includes(topic)) continue
      const suggestion = nearest(topic, topics)
      throw new CovenantError({
        code: 'WAREHOUSE_SOURCE_UNKNOWN',
        message: `The model ${name} reads the topic ${topic}, which no contract governs.`,
        where: `models/${name}.sql`,
        remedy: suggestion ? `Did you mean ${suggestion}?` : `Contract topics: ${topics.join(', ') || 'none'}.`,
      })
    }
}

function known(ref: string, from: Model, byName: ReadonlyMap<string, Model>): Model {
  const model = byName.get(ref)
  if (model) return model
  const suggestion = nearest(ref, [...byName.keys()])
  throw new CovenantError({
    code: 'WAREHOUSE_MODEL_UNKNOWN',
    message: `The model ${from.name} refers to ${ref}, which is no model of the project.`,
    where: `models/${from.name}.sql`,
    remedy: suggestion ? `Did you mean ${suggestion}?` : `Models: ${[...byName.keys()].join(', ')}.`,
  })
}

function cycle(path: readonly string[]): CovenantError {
  return new CovenantError({
    code: 'WAREHOUSE_MODEL_CYCLE',
    message: `Models refer to each other in a circle: ${path.join(' → ')}.`,
    where: `models/${path[0]}.sql`,
    remedy: 'Let one of them read its rows from a source instead.',
  })
}
