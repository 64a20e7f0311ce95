import { CovenantError } from '../../kernel/index.ts'
import { COMPATIBILITY_LEVELS } from './define.ts'

/** Why the schema registry refuses a request, with the code and the words of the Confluent REST API. */
export class SubjectRefusal extends CovenantError {
  /** Five digits; the first three are the HTTP status. */
  readonly errorCode: number

  constructor(errorCode: number, message: string) {
    super({
      code: 'REGISTRY_REQUEST_REFUSED',
      message,
      where: `error code ${errorCode}`,
      remedy: 'docs/reference/registry.md tells what each error code means.',
    })
    this.errorCode = errorCode
  }
}

const refusal =
  (code: number, message: (...parts: readonly (string | number)[]) => string) =>
  (...parts: readonly (string | number)[]) =>
    new SubjectRefusal(code, message(...parts))

/** One maker for each refusal; the words are those that Confluent's clients and their users know. */
export const refuse = {
  subjectNotFound: refusal(40401, (subject) => `Subject '${subject}' not found.`),
  versionNotFound: refusal(40402, (version) => `Version ${version} not found.`),
  schemaNotFound: refusal(40403, (id) => (id === undefined ? 'Schema not found' : `Schema ${id} not found`)),
  subjectSoftDeleted: refusal(
    40404,
    (subject) => `Subject '${subject}' was soft deleted.Set permanent=true to delete permanently`,
  ),
  subjectNotSoftDeleted: refusal(
    40405,
    (subject) => `Subject '${subject}' was not deleted first before being permanently deleted`,
  ),
  versionSoftDeleted: refusal(
    40406,
    (subject, version) =>
      `Subject '${subject}' Version ${version} was soft deleted.Set permanent=true to delete permanently`,
  ),
  versionNotSoftDeleted: refusal(
    40407,
    (subject, version) =>
      `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
  ),
  noSubjectCompatibility: refusal(
    40408,
    (subject) => `Subject '${subject}' does not have subject-level compatibility configured`,
  ),
  noSubjectMode: refusal(40409, (subject) => `Subject '${subject}' does not have subject-level mode configured`),
  associationNotFound: refusal(40410, (resource) => `Association for '${resource}' not found.`),
  incompatible: refusal(
    40901,
    (subject, details) =>
      `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: ${details}`,
  ),
  invalidSchema: refusal(42201, (why) => String(why)),
  invalidVersion: refusal(
    42202,
    (version) =>
      `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  ),
  invalidLevel: refusal(
    42203,
    () =>
      `Invalid compatibility level. Valid values are ${COMPATIBILITY_LEVELS.map((level) => level.toLowerCase()).join(', ')}`,
  ),
  unknownPolicy: refusal(
    42203,
    (policy) => `Compatibility policy ${policy} is not supported: schemas are compared by meaning, which is STRICT.`,
  ),
  invalidMode: refusal(
    42204,
    () => 'Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE and IMPORT.',
  ),
  notPermitted: refusal(42205, (why) => String(why)),
  referenceExists: refusal(
    42206,
    (subject, version) =>
      `One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${subject},version=${version}}.`,
  ),
  invalidSubject: refusal(42208, (subject) => `The specified subject '${subject}' is not a valid.`),
  tooLarge: refusal(42209, () => 'Register operation failed because schema is too large'),
  invalidRuleSet: refusal(42210, (why) => String(why)),
  contextNotEmpty: refusal(42211, (context) => `The specified context '${context}' is not empty.`),
} as const
