/** Error codes of the registry, with what each means. A refused version is not an error: it is a change's outcome. */
export const ERRORS = {
  REGISTRY_CONFLICT: 'Another process registered the same version with other content at the same moment; retryable.',
  REGISTRY_REQUEST_REFUSED:
    'The schema registry refuses a request of its REST interface; `error_code` in the answer tells why.',
} as const
