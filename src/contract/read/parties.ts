import type { JsonObject } from '../../kernel/index.ts'
import type { Contract, TeamMember } from '../define.ts'
import type { Path, Report } from '../problem.ts'
import { entries, objectMember, textMember } from './members.ts'
import { checkNear } from './near.ts'

/** Who answers for the contract, and where its data stands. */
export function readParties(document: JsonObject, report: Report): Pick<Contract, 'owner' | 'team' | 'servers'> {
  const team = objectMember(document, 'team')
  // Teams are an object since ODCS 3.1, a list before.
  const listed = team === null ? entries(document, 'team', []) : entries(team, 'members', ['team'])
  for (const { value, path } of listed) checkRole(textMember(value, 'role'), [...path, 'role'], report)
  checkServers(document, report)
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

/** Without an owner nobody is asked for approval, so a slip in this one role must not pass. */
function checkRole(role: string | null, path: Path, report: Report): void {
  if (role !== null && role.toLowerCase() !== 'owner') checkNear(role, ['Owner'], path, report)
}

function checkServers(document: JsonObject, report: Report): void {
  const names = new Set<string>()
  for (const { value, path } of entries(document, 'servers', [])) {
    const name = textMember(value, 'server') ?? ''
    if (names.has(name))
      report.error([...path, 'server'], 'CONTRACT_NAME_REPEATED', `Two servers are called "${name}".`)
    names.add(name)
  }
}

function ownerAmong(members: readonly TeamMember[]): string | null {
  const owner = members.find(({ role }) => role?.toLowerCase() === 'owner')
  return owner === undefined ? null : (owner.name ?? owner.username)
}
