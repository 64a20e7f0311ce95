import { PROPERTY_NAMES, propertySchema } from '../../contract/index.ts'
import { CovenantError, nameHint } from '../../kernel/index.ts'
import type { CommandContext } from '../context.ts'
import { columns, print } from '../print.ts'

/** Prints the JSON schema of one of Covenant's custom properties, or names them all. */
export function contractSchema(context: CommandContext, name: string | undefined): void {
  if (name === undefined) {
    const properties = PROPERTY_NAMES.map((each) => ({ name: each, ...described(each) }))
    print(context, properties, (rows) =>
      columns(
        ['property', 'schema'],
        rows.map(({ name: property, id }) => [property, id]),
        '',
      ),
    )
    return
  }
  const schema = propertySchema(name)
  if (schema === undefined)
    throw new CovenantError({
      code: 'CLI_OPTION_INVALID',
      message: `There is no custom property ${name}.${nameHint(name, PROPERTY_NAMES)}`,
      where: 'covenant contract schema',
      remedy: 'List them with: covenant contract schema.',
    })
  process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`)
}

function described(name: string): { readonly id: string; readonly description: string } {
  const { $id, description } = propertySchema(name) ?? {}
  return { id: String($id), description: String(description) }
}
