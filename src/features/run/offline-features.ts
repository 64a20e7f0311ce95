import type { SqlEngine } from '../../lake/index.ts'
import { type FeatureService, isBatch } from '../define/types.ts'
import { featurePlan } from '../plan/feature-plan.ts'
import { createTablesSql } from '../plan/materialization.ts'
import { relation } from '../plan/sql-text.ts'
import { checkSpine, type TrainingSetOptions, trainingSetSql } from '../plan/training-set.ts'

export interface OfflineFeaturesOptions {
  readonly engine: SqlEngine
}

/** Point-in-time correct features for any number of past moments, by SQL. */
export class OfflineFeatures {
  readonly #engine: SqlEngine
  readonly #prepared = new Set<string>()

  constructor(options: OfflineFeaturesOptions) {
    this.#engine = options.engine
  }

  /**
   * The SQL of a training set, see `trainingSetSql`, after the spine was checked and the histories of batch views that
   * were never materialised were created, empty.
   *
   * @throws FEATURES_BAD_SPINE where the spine lacks a column or has one that the training set will add.
   */
  async trainingSetSql(service: FeatureService, options: TrainingSetOptions): Promise<string> {
    await this.#prepare(service)
    const described = await this.#engine.query(`DESCRIBE SELECT * FROM ${relation(options.spine)}`)
    checkSpine(
      service,
      described.map((row) => String(row.column_name)),
    )
    return trainingSetSql(service, options)
  }

  /**
   * Writes a training set as one Parquet file and returns its rows: those of the spine, each once.
   *
   * @example
   * await offline.writeTrainingSet(service, 'SELECT origin, sched_dep, q, late FROM warehouse.main.labels', 'train.parquet')
   */
  async writeTrainingSet(
    service: FeatureService,
    spine: string,
    path: string,
    options: Omit<TrainingSetOptions, 'spine'> = {},
  ): Promise<number> {
    return this.#engine.writeParquet(await this.trainingSetSql(service, { spine, ...options }), path)
  }

  async #prepare(service: FeatureService): Promise<void> {
    for (const view of service.views.filter(isBatch)) {
      if (this.#prepared.has(view.hash)) continue
      await this.#engine.execute(createTablesSql(featurePlan(view)))
      this.#prepared.add(view.hash)
    }
  }
}
