/** Codes of the errors of the warehouse stage, and what each means. */
export const ERRORS = {
  WAREHOUSE_MODEL_INVALID: 'The text of a model cannot be read: its header or its inputs are wrong.',
  WAREHOUSE_MODEL_UNKNOWN: 'A model refers to a model that the project does not have.',
  WAREHOUSE_SOURCE_UNKNOWN: 'A model reads a topic that no contract governs.',
  WAREHOUSE_MODEL_CYCLE: 'Models refer to each other in a circle.',
  WAREHOUSE_MODEL_FAILED: 'The SQL of a model cannot be executed.',
} as const
