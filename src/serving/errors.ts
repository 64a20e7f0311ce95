/** Codes of the errors that the serving stage and its model scorers throw, and what each means. */
export const ERRORS = {
  SERVING_ENDPOINT_INVALID: 'The definition of an endpoint is wrong.',
  SERVING_SIGNATURE_MISMATCH: 'A model was trained on other features than the endpoint reads.',
  SERVING_KEY_MISSING: 'A request lacks the member that identifies what is scored.',
  SERVING_REQUEST_INVALID: 'The moments given to an endpoint do not match its requests.',
  SERVING_MODEL_UNREADABLE: 'A model file is missing, corrupt or no model that the scorer can run.',
  SERVING_MODEL_SHAPE:
    'A model takes other inputs, or gives other outputs, than a binary classifier of these features.',
} as const
