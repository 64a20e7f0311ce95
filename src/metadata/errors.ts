/** Codes of the errors that the metadata stores throw, and what each means. */
export const ERRORS = {
  METADATA_UNKNOWN_MODEL_VERSION: 'An alias was to point to a model version that is not registered.',
  METADATA_REGISTRY_CONTENDED: 'No free version number was found because others register the same model. Retryable.',
} as const
