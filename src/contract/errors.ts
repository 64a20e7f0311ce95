/** What a contract stage throws, and the codes of the problems that it finds in a contract file. */
export const ERRORS = {
  CONTRACT_INVALID: 'A contract file has errors; the message lists them.',
  CONTRACT_IMPORT_FAILED: 'A schema in another format cannot be read, or describes nothing that a contract could.',
  CONTRACT_YAML_SYNTAX: 'The file is not well-formed YAML.',
  CONTRACT_YAML_LIMIT: 'The file is larger, deeper or repeats itself more by aliases than any contract needs.',
  CONTRACT_DUPLICATE_KEY: 'A key stands twice in one mapping.',
  CONTRACT_UNKNOWN_KEY: 'ODCS 3.2 has no such key at this place.',
  CONTRACT_MISSING_KEY: 'A key that is required at this place is missing.',
  CONTRACT_WRONG_TYPE: 'A value has another type than ODCS 3.2 gives to its key.',
  CONTRACT_WRONG_VALUE: 'A value is not one of those that ODCS 3.2 or Covenant allows.',
  CONTRACT_UNSUPPORTED: 'Valid ODCS that Covenant cannot enforce, and therefore does not accept.',
  CONTRACT_NOT_ENFORCED: 'Valid ODCS that Covenant accepts, but does not enforce (a warning).',
  CONTRACT_VERSION_INVALID: 'The version is not major.minor.patch.',
  CONTRACT_NAME_REPEATED: 'A name or id stands twice where it must be unique.',
  CONTRACT_KEY_INVALID: 'The primary key or the record key is inconsistent.',
  CONTRACT_BOUNDS_INVALID: 'A lower bound is above its upper bound, or a bound does not fit the type of its field.',
  CONTRACT_PATTERN_INVALID: 'A regular expression does not compile.',
  CONTRACT_RULE_INVALID:
    'A CEL rule cannot be parsed, compares what cannot be compared, or needs what rules do not have.',
  CONTRACT_MIGRATION_INVALID: 'A migration does not compile, or depends on more than the record.',
  CONTRACT_NOT_EXPRESSIBLE: 'An engine cannot be given a part of the contract with the meaning it has.',
  CONTRACT_CRON_INVALID: 'A cron expression cannot be read.',
  CONTRACT_DURATION_INVALID: 'A service level of time has no value and unit that make a duration.',
  CONTRACT_AVRO_UNSUPPORTED: 'A contract has a field that no Avro schema can hold.',
  CONTRACT_SCHEMA_INVALID: 'A text is no Avro schema or JSON Schema, or refers to what is not there.',
  CONTRACT_SCHEMA_LIMIT: 'An Avro schema or JSON Schema is larger or deeper than any real one.',
  CONTRACT_VARIABLE_INVALID: 'A reference to a variable is not written in one of the two forms that ODCS has.',
  CONTRACT_VARIABLE_UNDEFINED: 'A server is used whose entry names a variable that has no value.',
  CONTRACT_REFERENCE_UNKNOWN:
    'A relationship refers to a schema object or a field that no contract of the project has.',
  CONTRACT_REFERENCE_MISMATCH: 'The two sides of a relationship differ in number or type.',
  CONTRACT_FIELD_UNKNOWN: 'Something refers to a field that the schema does not have.',
} as const

export type ContractErrorCode = keyof typeof ERRORS
