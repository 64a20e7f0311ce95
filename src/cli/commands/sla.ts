import { CovenantError, durationText, nameHint } from '../../kernel/index.ts'
import { serviceLevels } from '../../runtime/index.ts'
import type { ErrorBudget, Incident, LevelEvaluation } from '../../sla/index.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { columns, moment, print } from '../print.ts'
import { withStores } from '../state.ts'

/** Every service level as it was evaluated last, with its error budget; exit code 1 where one is missed. */
export async function sla(context: CommandContext, contractId: string | undefined): Promise<void> {
  const levels = await withStores(context, (stores) => serviceLevels(stores))
  const shown = contractId === undefined ? levels : levels.filter((level) => level.contractId === contractId)
  if (contractId !== undefined && shown.length === 0) throw unknownContract(contractId, levels)
  if (shown.some(({ status }) => status === 'missed')) process.exitCode = EXIT.failed
  print(context, shown, (list) =>
    columns(
      ['contract', 'level', 'status', 'evaluated', 'budget left', 'result'],
      list.map((level) => [
        level.contractId,
        level.level,
        level.status,
        moment(level.at),
        level.budget === null ? '' : budgetText(level.budget),
        level.message,
      ]),
      'No service level has been evaluated yet: covenant dev evaluates them on their schedules.',
    ),
  )
}

/** Incidents, newest first, with the times to detect, to notify and to repair. */
export async function incidents(context: CommandContext, { open = false }: { readonly open?: boolean }): Promise<void> {
  const found = await withStores(context, ({ levels }) => levels.incidents())
  const shown = found.filter(({ resolvedAt }) => !open || resolvedAt === null).toReversed()
  print(context, shown, (list) =>
    columns(
      ['contract', 'cause', 'started', 'detected after', 'notified after', 'repaired after', 'message'],
      list.map((incident) => [incident.contractId, incident.cause, moment(incident.startedAt), ...spans(incident)]),
      open ? 'No incident is open.' : 'There has been no incident.',
    ),
  )
}

function spans({ startedAt, detectedAt, notifiedAt, resolvedAt, message }: Incident): readonly string[] {
  return [
    durationText(detectedAt - startedAt),
    notifiedAt === null ? 'not yet' : durationText(notifiedAt - detectedAt),
    resolvedAt === null ? 'open' : durationText(resolvedAt - detectedAt),
    message,
  ]
}

function budgetText({ unit, allowed, used }: ErrorBudget): string {
  const left = allowed - used
  if (unit === 'ms') return `${durationText(left)} of ${durationText(allowed)}`
  return `${Math.floor(left)} of ${Math.floor(allowed)} ${unit}`
}

function unknownContract(contractId: string, levels: readonly LevelEvaluation[]): CovenantError {
  const known = [...new Set(levels.map((level) => level.contractId))]
  return new CovenantError({
    code: 'PROJECT_NAME_UNKNOWN',
    message: `No service level of a contract ${contractId} has been evaluated.${nameHint(contractId, known)}`,
    remedy: 'covenant sla shows all of them.',
  })
}
