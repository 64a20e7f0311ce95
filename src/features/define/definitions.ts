import { contentHash } from '../../kernel/index.ts'
import {
  checkDistinct,
  checkExpression,
  checkName,
  checkNotEmpty,
  checkReference,
  checkSource,
  checkWindow,
} from './checks.ts'
import type {
  BatchSource,
  Entity,
  Expression,
  FeatureService,
  FeatureView,
  OnDemandView,
  StreamSource,
  WindowFeature,
} from './types.ts'

/**
 * Declares what features are about: `keys` are the columns or event members that tell one entity from another. Keys
 * are compared as text; events and rows without one of them belong to no entity.
 *
 * @example defineEntity({ name: 'route', keys: ['origin', 'dest'] })
 */
export function defineEntity(definition: {
  readonly name: string
  readonly keys: readonly string[]
  readonly description?: string
}): Entity {
  const { name, keys, description = null } = definition
  const where = `entity ${name}`
  checkName(name, where)
  for (const key of keys) checkReference(key, 'key', where)
  checkDistinct(keys, where)
  return Object.freeze({ kind: 'entity', name, keys: Object.freeze([...keys]), description })
}

/**
 * Declares windowed aggregates of an entity's events, from a warehouse model or straight from a validated topic.
 *
 * @example
 * const origin = defineEntity({ name: 'origin', keys: ['origin'] })
 * const originDelays = defineFeatureView({
 *   name: 'origin_delays', entity: origin, source: stream('flights.arrived'),
 *   features: { mean_dep_delay_3h: mean('dep_delay', '3h'), arrivals_3h: count('3h') },
 * })
 */
export function defineFeatureView<Source extends BatchSource | StreamSource>(definition: {
  readonly name: string
  readonly entity: Entity
  readonly source: Source
  readonly features: Readonly<Record<string, WindowFeature>>
  readonly description?: string
}): FeatureView & { readonly source: Source } {
  const { name, entity, source, description = null } = definition
  const where = `feature view ${name}`
  const features = checkedFeatures(definition.features, name, where)
  checkSource(source, where)
  for (const [feature, aggregate] of Object.entries(features)) checkWindow(aggregate, `${where}, feature ${feature}`)
  checkDistinct([...entity.keys, ...Object.keys(features), 'event_time', 'created_time', 'view_hash'], where)
  const { keys } = entity
  const hash = contentHash(['feature-view', name, entity.name, keys, source, Object.entries(features)])
  return Object.freeze({ kind: 'feature-view', name, entity, source, features, description, hash })
}

/**
 * Declares features that follow from the request alone; the same expression is computed in TypeScript and in SQL.
 *
 * @example
 * defineOnDemandView({ name: 'departure', features: { hour: hourOfDay('sched_dep', 'America/New_York') } })
 */
export function defineOnDemandView(definition: {
  readonly name: string
  readonly features: Readonly<Record<string, Expression>>
  readonly description?: string
}): OnDemandView {
  const { name, description = null } = definition
  const where = `on-demand view ${name}`
  const features = checkedFeatures(definition.features, name, where)
  for (const [feature, expression] of Object.entries(features))
    checkExpression(expression, `${where}, feature ${feature}`)
  const hash = contentHash(['on-demand-view', name, Object.entries(features)])
  return Object.freeze({ kind: 'on-demand-view', name, features, description, hash })
}

/**
 * Declares the named, ordered set of features that a model is trained on and served with.
 *
 * @example defineFeatureService({ name: 'delay', views: [originDelays, departure] })
 */
export function defineFeatureService(definition: {
  readonly name: string
  readonly views: readonly (FeatureView | OnDemandView)[]
  readonly description?: string
}): FeatureService {
  const { name, description = null } = definition
  const where = `feature service ${name}`
  checkName(name, where)
  checkNotEmpty(definition.views, 'view', where)
  const views = Object.freeze([...definition.views])
  checkDistinct(
    views.map((view) => view.name),
    where,
  )
  const featureNames = Object.freeze(
    views.flatMap((view) => Object.keys(view.features).map((feature) => `${view.name}__${feature}`)),
  )
  const hash = contentHash(['feature-service', name, views.map((view) => view.hash)])
  return Object.freeze({ kind: 'feature-service', name, views, featureNames, description, hash })
}

function checkedFeatures<Feature>(
  features: Readonly<Record<string, Feature>>,
  name: string,
  where: string,
): Readonly<Record<string, Feature>> {
  checkName(name, where)
  const names = Object.keys(features)
  checkNotEmpty(names, 'feature', where)
  for (const feature of names) checkName(feature, where)
  return Object.freeze({ ...features })
}
