import type { FullReport } from './report.ts'

/** Who has to approve each file, one line a file, as a CODEOWNERS file writes it. */
export function codeownersReport({ approvals }: FullReport): string {
  const byFile = new Map<string, string[]>()
  for (const { username, role, files } of approvals)
    for (const file of files) byFile.set(file, [...(byFile.get(file) ?? []), ownerName(username, role)])
  return [...byFile]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, owners]) => `/${file.replaceAll(/[\\ #]/g, '\\$&')} ${owners.join(' ')}`)
    .join('\n')
}

/** Email addresses stand as they are, names of people and teams behind an at sign. */
function ownerName(username: string, role: string): string {
  if (username.includes('@')) return username
  return `@${role === 'team' ? username.replaceAll(/\s+/g, '-') : username}`
}
