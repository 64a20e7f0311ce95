import type { EpochMs } from '../kernel/index.ts'
import type { SubjectChange, SubjectRows } from './subjects/define.ts'

/** One registered version of a contract. Versions are immutable. */
export interface ContractVersion {
  readonly contractId: string
  readonly version: string
  readonly topic: string
  /** The ODCS YAML text as it was approved. */
  readonly source: string
  /** Content hash of the document. */
  readonly hash: string
  readonly registeredAt: EpochMs
  /** End offset of each partition of the raw topic at that moment, by partition number; empty where nobody knows. */
  readonly activeFrom: readonly number[]
}

/** Where registered contract versions are kept. Adapters: SQLite, PostgreSQL. */
export interface RegistryStore {
  /** Adds all versions or none; a version that is there already is left as it is. */
  add(versions: readonly ContractVersion[]): Promise<void>
  get(contractId: string, version: string): Promise<ContractVersion | undefined>
  /** All versions of a contract, oldest registration first. */
  versions(contractId: string): Promise<readonly ContractVersion[]>
  /** The newest version of every contract, by contract id. */
  latest(): Promise<readonly ContractVersion[]>
  /** How many versions are registered: grows with every registration, by whichever process, and is cheap to ask. */
  count(): Promise<number>
}

/** Where the subjects of the schema registry are kept. Adapters: SQLite, PostgreSQL. */
export interface SubjectStore {
  /** Cheap to ask, and another number after every change, by whichever process. */
  revision(): Promise<number>
  /** Everything, and the revision at which it was so. */
  load(): Promise<{ readonly revision: number; readonly rows: SubjectRows }>
  /**
   * Makes a change, all or nothing, and moves the revision up by one; `false`, and nothing changed, where the revision is
   * no longer `revision`: then the change has to be planned again.
   */
  commit(change: SubjectChange, revision: number): Promise<boolean>
}
