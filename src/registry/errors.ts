/** Error codes of the registry, with what each means. A refused version is not an error: it is a change's outcome. */
export const ERRORS = {
  REGISTRY_CONFLICT: 'Another process registered the same version with other content at the same moment; retryable.',
  REGISTRY_REQUEST_REFUSED:
    'The schema registry refuses a request of its REST interface; `error_code` in the answer tells why.',
  PUSH_TARGET_INVALID: 'A push target of covenant.config.ts cannot be what is meant.',
  PUSH_MIGRATION_MISSING: 'A contract is to be pushed to a database, and there is no migration to its version.',
  PUSH_MIGRATION_EDITED: 'A migration is not the one that follows from its contract, or cannot be run.',
  PUSH_MIGRATION_CHANGED:
    'A database was migrated by a file that is another one now, or that the project does not have.',
  PUSH_DRIVER_MISSING: 'Contracts are to be pushed to a database whose driver is not installed.',
  PUSH_DATABASE_UNREACHABLE: 'A database that contracts are pushed to cannot be connected to; retryable.',
  PUSH_DATABASE_LOST: 'The connection to a database broke while contracts were pushed to it; retryable.',
  PUSH_DATABASE_REFUSED: 'A database refuses a statement of a migration; nothing of it was changed.',
  PUSH_DRIFT: 'After a migration a table is not as its contract says; nothing of it was changed.',
  PUSH_INCOMPLETE: 'A push stopped; the message tells what is done and what is not.',
  PUSH_OPEN: 'Another push is half done, and has to be finished or taken back first.',
  PUSH_NOT_UNDONE: 'There is no push that can be taken back.',
} as const
