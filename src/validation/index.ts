/** Validation: the verdict of a contract version on each raw record, and where the record goes for it. */
export type { Validator, Verdict, Violation, ViolationCode } from './define.ts'
export type { ValidationBatch } from './events.ts'
export { expectation } from './plan/expectation.ts'
export { redact } from './plan/redact.ts'
export { compileValidator } from './plan/validator.ts'
export type {
  ContractLookup,
  DeadLetterMark,
  DeadLetterState,
  DeadLetterStore,
  Pause,
  PauseStore,
  RegisteredVersion,
} from './ports.ts'
export {
  ContractViolation,
  type ProducerContract,
  type ProducerTarget,
  TypedProducer,
  type TypedProducerOptions,
  type TypedSendOptions,
  validatorOf,
} from './producer/index.ts'
export { type Activation, readActivations, type VersionStanding, versionStandings } from './run/activations.ts'
export { type DiscardReport, type DiscardRequest, discardDeadLetters, reopenDeadLetters } from './run/discard.ts'
export type { DeadLetterSources } from './run/letters.ts'
export {
  type DeadLetter,
  type DeadLetterGroup,
  type DeadLetterHistory,
  deadLetterSummary,
  readDeadLetters,
  showDeadLetter,
} from './run/read-dead-letters.ts'
export { type ReplayReport, type ReplayRequest, replayDeadLetters } from './run/replay.ts'
export { type ResumeRequest, resumeTopic } from './run/resume.ts'
export { type RuleCount, readRuleCounts } from './run/rule-counts.ts'
export { type RuleStanding, ruleStandings } from './run/rule-stages.ts'
export { type HopReport, ValidationHop, type ValidationHopOptions } from './run/validation-hop.ts'
export { type Verification, type VerifyOptions, verifyTopic } from './run/verify.ts'
export { type TwoVerdicts, WhatIf } from './run/what-if.ts'
export { type Outlook, wouldPass } from './run/would-pass.ts'
