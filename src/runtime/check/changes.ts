import { type Contract, compatibility, type Incompatibility, locate } from '../../contract/index.ts'
import { canonicalJson, type Json } from '../../kernel/index.ts'
import type { ChangeLine } from './define.ts'

/** What changed between two versions of a contract: what breaks somebody first, then the rest. */
export function changesBetween(earlier: Contract, later: Contract): readonly ChangeLine[] {
  const breaking = compatibility(earlier, later).map(({ path, message, rule }) =>
    line(later, 'major', path, message, rule),
  )
  const paths = new Set(breaking.map(({ path }) => path))
  const compatible = [...fieldLines(earlier, later), ...partLines(earlier, later)].filter(
    ({ path }) => !paths.has(path),
  )
  if (breaking.length + compatible.length > 0) return [...breaking, ...compatible]
  return earlier.hash === later.hash ? [] : [line(later, 'patch', 'version', 'Only words changed.', 'words')]
}

/** Incompatibilities with the place that annotations point to. */
export function breaksBetween(
  earlier: Contract,
  later: Contract,
): readonly (Incompatibility & { line: number; column: number })[] {
  return compatibility(earlier, later).map((found) => ({
    ...found,
    ...locate(later.source, found.path, found.rule, later.object),
  }))
}

function fieldLines(earlier: Contract, later: Contract): readonly ChangeLine[] {
  const before = new Map(earlier.fields.map((field) => [field.name, field]))
  const after = new Map(later.fields.map((field) => [field.name, field]))
  const added = [...after.keys()].filter((name) => !before.has(name))
  const removed = [...before.keys()].filter((name) => !after.has(name))
  const changed = [...after].filter(([name, field]) => before.has(name) && !same(before.get(name)!, field))
  return [
    ...added.map((name) => line(later, 'minor', name, `The optional field "${name}" was added.`, 'field-added')),
    ...removed.map((name) => line(later, 'minor', name, `The optional field "${name}" was removed.`, 'field-removed')),
    ...changed.map(([name]) => line(later, 'minor', name, `The field "${name}" changed.`, 'field-changed')),
  ]
}

const PARTS = ['quality', 'rules', 'sla', 'migrations', 'deadLetters', 'relationships', 'compatibility'] as const

function partLines(earlier: Contract, later: Contract): readonly ChangeLine[] {
  return PARTS.filter((part) => !same(earlier[part], later[part])).map((part) =>
    line(later, 'minor', part === 'sla' ? 'slaProperties' : part, `The part ${part} changed.`, part),
  )
}

function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a as Json) === canonicalJson(b as Json)
}

function line(later: Contract, bump: ChangeLine['bump'], path: string, message: string, rule: string): ChangeLine {
  return { path, message, bump, rule, ...locate(later.source, path, rule, later.object) }
}
