import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Contract, versionParts } from '../../contract/index.ts'
import { CovenantError, type EpochMs, quoteName } from '../../kernel/index.ts'
import { type SqlEngine, tableName } from '../../lake/index.ts'
import { type TestCheck, type TestFindings, testColumns } from '../../sla/index.ts'
import { lockState } from '../state-lock.ts'
import { openAnalytics } from '../stores.ts'
import type { LakeCheck, LakeVerdicts } from './define.ts'

/** The contract that judges today, and the one that is proposed. */
export interface LakeRequest {
  readonly today: Contract
  readonly proposed: Contract
}

/**
 * Holds the rows of the lake against both versions, by the checks of `contract test` in SQL: the schema's, and the
 * quality rules, which no single record can decide. Rows of other major versions than today's are left out; of change
 * events, the deletes and tombstones, which hold no row.
 *
 * The lake is open in one process at a time: while another works on the state folder, nothing is looked at.
 */
export async function lakeVerdicts(
  stateDir: string,
  requests: readonly LakeRequest[],
  since?: EpochMs,
): Promise<readonly LakeVerdicts[]> {
  if (!existsSync(join(stateDir, 'lake', 'catalog.sqlite')))
    return requests.map(() => skipped('The state folder has no lake yet.'))
  try {
    const lock = lockState(stateDir)
    try {
      return await withLake(stateDir, requests, since)
    } finally {
      lock.release()
    }
  } catch (thrown) {
    if (!(thrown instanceof CovenantError) || thrown.code !== 'STATE_IN_USE') throw thrown
    return requests.map(() =>
      skipped('Another process works on the state folder and has the lake open: stop it to look at the lake, too.'),
    )
  }
}

async function withLake(
  stateDir: string,
  requests: readonly LakeRequest[],
  since?: EpochMs,
): Promise<readonly LakeVerdicts[]> {
  const analytics = await openAnalytics(stateDir)
  try {
    const tables = await analytics.lake.tables()
    const found: LakeVerdicts[] = []
    for (const request of requests) {
      const table = tableName(request.proposed.topic)
      found.push(
        tables.has(table)
          ? await checked(analytics.engine, table, request, since)
          : skipped('The lake has no rows of the topic yet.'),
      )
    }
    return found
  } finally {
    await analytics.close()
  }
}

async function checked(
  engine: SqlEngine,
  table: string,
  { today, proposed }: LakeRequest,
  since?: EpochMs,
): Promise<LakeVerdicts> {
  const [major] = versionParts(today.version)
  const conditions = [
    `starts_with(_contract_version, '${major}.')`,
    ...(since === undefined ? [] : [`_timestamp >= epoch_ms(${Math.trunc(since)})`]),
    ...(proposed.cdc === null ? [] : ["_op NOT IN ('d', 't')"]),
  ]
  const relation = `(FROM lake.${quoteName(table)} WHERE ${conditions.join(' AND ')})`
  const before = await testColumns({ engine, contract: today, relation, isText: false, rejects: null, show: 0 })
  const after = await testColumns({ engine, contract: proposed, relation, isText: false, rejects: null, show: 0 })
  return {
    status: 'checked',
    rows: after.rows,
    failingToday: before.failingRows,
    failingProposed: after.failingRows,
    checks: differences(before, after),
  }
}

/** Checks whose outcome is not the same under both versions; one that a version lacks has none there. */
function differences(before: TestFindings, after: TestFindings): readonly LakeCheck[] {
  const today = new Map(before.checks.map((check) => [check.id, check]))
  const proposed = new Map(after.checks.map((check) => [check.id, check]))
  return [...new Set([...proposed.keys(), ...today.keys()])].flatMap((id) => {
    const [old, fresh] = [today.get(id), proposed.get(id)]
    const outcomes = { today: outcomeOf(old), proposed: outcomeOf(fresh) }
    if (fails(old) === fails(fresh) && (old?.failed ?? 0) === (fresh?.failed ?? 0)) return []
    return [{ id, kind: (fresh ?? old)!.kind, ...outcomes }]
  })
}

function fails(check: TestCheck | undefined): boolean {
  return check !== undefined && check.status !== 'pass' && check.status !== 'skip'
}

function outcomeOf(check: TestCheck | undefined): LakeCheck['today'] {
  return check === undefined ? null : { status: check.status, failed: check.failed }
}

function skipped(reason: string): LakeVerdicts {
  return { status: 'skipped', reason }
}
