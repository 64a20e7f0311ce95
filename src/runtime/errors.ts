/** Codes of the errors that the runtime throws, and what each means. */
export const ERRORS = {
  PROJECT_NOT_FOUND: 'The folder given as the project has no covenant.config.ts.',
  PROJECT_FILE_INVALID: 'A file of the project cannot be loaded, or declares something wrong.',
  PROJECT_NAME_TWICE: 'Two definitions of one kind have the same name.',
  PROJECT_NAME_UNKNOWN: 'A name that was asked for is not declared in the project.',
  DEPLOY_CONTRACT_UNREGISTERED: 'A pipeline is to be deployed with a contract version that is not registered.',
  GIT_MISSING: 'Contracts are to be compared with a commit, and the program git was not found.',
  GIT_NO_REPOSITORY:
    'Contracts are to be compared with a commit, and the project lies in no git repository that can be read.',
  GIT_REFERENCE_UNKNOWN: 'The commit to compare contracts with is not in the repository, or cannot be read.',
  GIT_HISTORY_SHALLOW: 'The clone is shallow, and the commit in which two branches meet is not in it.',
  STATE_NOT_FOUND: 'There is no state in the folder that a verb is to read.',
  STATE_IN_USE: 'Another process works on the same state folder.',
  STATE_NOT_WRITABLE: 'The state folder cannot be written.',
  STATE_MIGRATION_FAILED: 'The tables of a database in the state folder could not be brought to their newest layout.',
  TEST_DATA_UNREADABLE: 'The data that a contract is to be tested on cannot be read.',
  TEST_SERVER_UNKNOWN: 'The contract has no such server, or one that cannot be tested.',
} as const
