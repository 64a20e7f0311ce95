import type { Field } from '../../define.ts'
import { pythonComment, pythonText, pythonValue } from './literal.ts'

/** A `TypedDict` for the records with these fields, those of nested objects before it. */
export function pythonTypes(typeName: string, fields: readonly Field[], description: string): string {
  const writer = new TypeWriter()
  writer.dictionary(typeName, fields, description)
  return writer.definitions.join('\n\n')
}

class TypeWriter {
  readonly definitions: string[] = []
  readonly #names = new Set<string>()

  /** Optional members stand in a class of their own: `NotRequired` came with Python 3.11. */
  dictionary(wanted: string, fields: readonly Field[], description: string): string {
    const name = this.#freeName(wanted)
    const members = fields.map((field) => ({ field, type: this.#orNull(field, name) }))
    const required = members.filter(({ field }) => field.required)
    const optional = members.filter(({ field }) => !field.required)
    const bases = optional.length > 0 && required.length > 0 ? [this.#part(`${name}Required`, required, true)] : []
    const own = optional.length > 0 ? optional : required
    const total = optional.length === 0
    const plain = own.every(({ field }) => isPlainName(field.name))
    const parents = plain ? bases : [...bases, this.#part(`${name}Members`, own, total)]
    const head = [...(parents.length > 0 ? parents : ['TypedDict']), ...(total || !plain ? [] : ['total=False'])]
    const body = plain ? own.map(({ field, type }) => memberText(field, type)).join('') : ''
    this.definitions.push(
      `class ${name}(${head.join(', ')}):\n    """${description}"""\n${body === '' ? '' : `\n${body}`}`,
    )
    return name
  }

  /** With the call syntax, which any name of a member fits into. */
  #part(name: string, members: readonly { field: Field; type: string }[], total: boolean): string {
    const free = this.#freeName(name)
    const lines = members.map(({ field, type }) => `        ${pythonText(field.name)}: ${type},\n`)
    const tail = total ? '' : '    total=False,\n'
    this.definitions.push(`${free} = TypedDict(\n    ${pythonText(free)},\n    {\n${lines.join('')}    },\n${tail})\n`)
    return free
  }

  #freeName(wanted: string): string {
    let name = wanted
    for (let count = 2; this.#names.has(name); count++) name = `${wanted}${count}`
    this.#names.add(name)
    return name
  }

  #orNull(field: Field, owner: string): string {
    const type = this.#type(field, owner)
    return field.required ? type : `Optional[${type}]`
  }

  #type(field: Field, owner: string): string {
    const { type, rules, items, name } = field
    const inner = () => (items === undefined ? 'Any' : this.#orNull(items, `${owner}${pascal(name)}`))
    // A Literal holds no floats.
    if (rules.enum !== undefined && rules.enum.length > 0 && rules.enum.every((value) => typeof value === 'string'))
      return `Literal[${rules.enum.map(pythonValue).join(', ')}]`
    switch (type) {
      case 'integer':
        return 'int'
      case 'number':
        return 'float'
      case 'boolean':
        return 'bool'
      case 'object':
        return this.dictionary(`${owner}${pascal(name)}`, field.fields ?? [], `Member ${pythonComment(name)}.`)
      case 'array':
        return `List[${inner()}]`
      case 'map':
        return `Dict[str, ${inner()}]`
      default:
        return 'str'
    }
  }
}

const KEYWORDS = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
)

/** Can be written as a class member; two underscores at the front would be mangled. */
function isPlainName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith('__') && !KEYWORDS.has(name)
}

function memberText({ name, description, type: logicalType }: Field, type: string): string {
  const form = FORMS.get(logicalType)
  const remarks = [...(description === null ? [] : [pythonComment(description)]), ...(form === undefined ? [] : [form])]
  return `${remarks.map((line) => `    # ${line}\n`).join('')}    ${name}: ${type}\n`
}

const FORMS: ReadonlyMap<string, string> = new Map([
  ['timestamp', 'ISO 8601 with zone: 2013-01-01T10:15:00Z'],
  ['date', 'ISO 8601: 2013-01-01'],
  ['time', 'ISO 8601: 10:15:00'],
])

function pascal(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  return words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('') || 'Member'
}
