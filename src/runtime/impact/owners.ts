import type { Contract } from '../../contract/index.ts'
import { type EpochMs, isJsonObject, type JsonObject } from '../../kernel/index.ts'
import type { Owner } from './define.ts'

/** Roles whose holders approve, in any case and spelling: `Owner`, `data_owner`, `Data Steward`. */
const APPROVERS = /\b(owner|steward)\b/i

/**
 * Who answers for a contract: the members of its team with the role owner or steward. A member whose `dateOut` is past
 * does no longer, but `replacedByUsername` does. Where the contract names no such person, its team stands for them.
 */
export function ownersOf(contract: Contract, now: EpochMs): readonly Owner[] {
  const members = contract.team
    .filter(({ username, role }) => username !== '' && role !== null && APPROVERS.test(role.replaceAll(/[_-]/g, ' ')))
    .flatMap(({ username, name, role }) => {
      const entry = memberEntry(contract, username)
      const left = typeof entry?.dateOut === 'string' && Date.parse(entry.dateOut) <= now
      if (!left) return [{ username, name, role: role! }]
      const successor = entry.replacedByUsername
      return typeof successor === 'string' && successor !== '' ? [{ username: successor, name: null, role: role! }] : []
    })
  if (members.length > 0) return members
  return contract.owner === null ? [] : [{ username: contract.owner, name: null, role: 'team' }]
}

function memberEntry({ document }: Contract, username: string): JsonObject | undefined {
  const { team } = document
  const members = isJsonObject(team) ? team.members : team
  if (!Array.isArray(members)) return undefined
  return (members as readonly unknown[]).find(
    (member): member is JsonObject => isJsonObject(member as never) && (member as JsonObject).username === username,
  )
}
