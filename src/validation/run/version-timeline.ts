import { type ValidationPlan, versionParts } from '../../contract/index.ts'
import type { Validator } from '../define.ts'
import { compileValidator } from '../plan/validator.ts'
import type { RegisteredVersion } from '../ports.ts'
import type { Activation } from './activations.ts'

/** A contract version, ready to be applied. */
export interface Checker extends RegisteredVersion {
  readonly version: string
  readonly major: number
  readonly validator: Validator
}

/** The versions of one partition, each with the raw offset from which on it holds, oldest first. */
export class VersionTimeline {
  readonly #entries: readonly { readonly fromOffset: number; readonly checker: Checker }[]

  constructor(
    versions: readonly RegisteredVersion[],
    activations: readonly Activation[],
    partition: number,
    validators: ValidatorCache,
  ) {
    const from = new Map(
      activations.filter((each) => each.partition === partition).map((each) => [each.version, each.fromOffset]),
    )
    this.#entries = versions.flatMap((registered, index) => {
      const { contractVersion: version } = registered.plan
      const fromOffset = index === 0 ? 0 : from.get(version)
      if (fromOffset === undefined) return []
      const [major] = versionParts(version)
      return [{ fromOffset, checker: { ...registered, version, major, validator: validators.of(registered.plan) } }]
    })
  }

  /** The versions that are active before an offset, oldest first. */
  activeBefore(offset: number): readonly Checker[] {
    return this.#entries
      .filter(({ fromOffset }, index) => index === 0 || fromOffset < offset)
      .map(({ checker }) => checker)
  }

  /** The newest version at an offset. There always is one. */
  newestAt(offset: number): Checker {
    for (let i = this.#entries.length - 1; i > 0; i--)
      if (this.#entries[i]!.fromOffset <= offset) return this.#entries[i]!.checker
    return this.#entries[0]!.checker
  }

  /** The versions that are active where `newest` is the newest one, oldest first. */
  activeWith(newest: Checker): readonly Checker[] {
    const checkers = this.#entries.map(({ checker }) => checker)
    return checkers.slice(0, checkers.indexOf(newest) + 1)
  }

  /** The version of that number, or `undefined` where the offset comes before its activation. */
  named(version: string, offset: number): Checker | undefined {
    return this.#entries.find((entry) => entry.checker.version === version && entry.fromOffset <= offset)?.checker
  }
}

/** Validators by plan hash: equal plans share one. */
export class ValidatorCache {
  readonly #validators = new Map<string, Validator>()

  of(plan: ValidationPlan): Validator {
    let validator = this.#validators.get(plan.hash)
    if (validator === undefined) {
      validator = compileValidator(plan)
      this.#validators.set(plan.hash, validator)
    }
    return validator
  }
}
