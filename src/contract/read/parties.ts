import type { JsonObject } from '../../kernel/index.ts'
import type { Contract, TeamMember } from '../define.ts'
import { entries, objectMember, textMember } from './members.ts'

/** Who answers for the contract, and where its data stands. */
export function readParties(document: JsonObject): Pick<Contract, 'owner' | 'team' | 'servers'> {
  const team = objectMember(document, 'team')
  // Teams are an object since ODCS 3.1, a list before.
  const listed = team === null ? entries(document, 'team', []) : entries(team, 'members', [])
  const members = listed.map(({ value }) => ({
    username: textMember(value, 'username') ?? '',
    name: textMember(value, 'name'),
    role: textMember(value, 'role'),
  }))
  return {
    owner: (team === null ? null : textMember(team, 'name')) ?? ownerAmong(members),
    team: members,
    servers: entries(document, 'servers', []).map(({ value }) => ({
      name: textMember(value, 'server') ?? '',
      type: textMember(value, 'type') ?? '',
      environment: textMember(value, 'environment'),
      entry: value,
    })),
  }
}

function ownerAmong(members: readonly TeamMember[]): string | null {
  const owner = members.find(({ role }) => role?.toLowerCase() === 'owner')
  return owner === undefined ? null : (owner.name ?? owner.username)
}
