import type { Contract } from '../../contract/index.ts'
import { CovenantError, nameHint, systemClock } from '../../kernel/index.ts'
import { impactOf } from '../../runtime/impact/run.ts'
import { loadProject, type Project } from '../../runtime/project.ts'
import type { CommandContext } from '../context.ts'
import { print } from '../print.ts'
import { impactText } from '../reports/text.ts'
import { withStoresIfThere } from './contract-check.ts'

/** What stands downstream of `topic` or `topic#field`. */
export async function contractImpact(context: CommandContext, name: string): Promise<void> {
  const project = await loadProject(context.projectDir)
  const [topic = '', field] = name.split('#', 2)
  const contract = contractOf(project, topic)
  if (field !== undefined) refuseNoField(contract, field)
  const impact = await withStoresIfThere(context, (stores) =>
    impactOf({
      project,
      topic: contract.topic,
      fields: field === undefined ? null : [field],
      stores,
      clock: systemClock,
    }),
  )
  print(context, impact, (found) => {
    const untouched = found.nodes.filter(({ touched }) => !touched).map(({ kind, name: reader }) => `${kind} ${reader}`)
    return [...impactText(found), ...(untouched.length === 0 ? [] : [`  not touched  ${untouched.join(', ')}`])].join(
      '\n',
    )
  })
}

/** By topic or by id. */
function contractOf({ contracts, directory }: Project, name: string): Contract {
  const found = contracts.find(({ topic }) => topic === name) ?? contracts.find(({ id }) => id === name)
  if (found !== undefined) return found
  throw new CovenantError({
    code: 'PROJECT_NAME_UNKNOWN',
    message: `The project has no contract ${name}.${nameHint(
      name,
      contracts.map(({ topic }) => topic),
    )}`,
    where: directory,
    remedy: 'Name it by its topic or its id.',
  })
}

function refuseNoField({ fields, topic }: Contract, name: string): void {
  if (fields.some((field) => field.name === name)) return
  throw new CovenantError({
    code: 'PROJECT_NAME_UNKNOWN',
    message: `The contract of ${topic} has no field ${name}.${nameHint(
      name,
      fields.map((field) => field.name),
    )}`,
    where: topic,
    remedy: 'Name a field of the top level: topic#field.',
  })
}
