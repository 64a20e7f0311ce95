/** Which contract versions are approved, and their look-up by every hop. */
export type { ContractChange, RegisteredContract } from './define.ts'
export type { ContractVersion, RegistryStore } from './ports.ts'
export { Registry, type RegistryOptions } from './run.ts'
