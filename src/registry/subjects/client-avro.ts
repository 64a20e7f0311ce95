import { type Contract, compileAvro, compileValidationPlan, type Expression, type Field } from '../../contract/index.ts'
import { tagsOf } from './client-json-schema.ts'

/** An Avro schema, or a part of one. */
type Avro = string | readonly Avro[] | AvroObject
interface AvroObject {
  readonly type: Avro
  readonly fields?: readonly (AvroObject & { readonly name: string })[]
  readonly items?: Avro
  readonly values?: Avro
}

/**
 * A contract's records as Avro for clients, with the classification and tags of fields.
 *
 * @returns `unchecked` lists what Avro cannot say and the rules that clients are not given: the validator behind the topic
 * checks it.
 * @throws CovenantError `CONTRACT_AVRO_UNSUPPORTED`
 */
export function clientAvro(contract: Contract): { readonly schema: object; readonly unchecked: readonly string[] } {
  const row = withTags(compileAvro(contract) as unknown as AvroObject, contract.fields) as AvroObject
  const rules = compileValidationPlan(contract).rules.filter(({ expression }) => readsMoments(expression))
  return {
    schema: contract.cdc === null ? row : changeEvent(row as AvroObject & { readonly name: string }),
    unchecked: [...boundsOf(contract.fields, ''), ...rules.map(({ id }) => `rule ${id}`)],
  }
}

/** The key as Avro: the type of its one field, or a record of several. */
export function clientAvroKey(contract: Contract): Avro {
  const fields = contract.key.map((name) => contract.fields.find((field) => field.name === name)!)
  const record = compileAvro({
    ...contract,
    topic: `${contract.topic}.key`,
    purpose: null,
    fields,
  }) as unknown as AvroObject
  const [only, ...others] = record.fields!
  return others.length === 0 ? only!.type : record
}

/** Moments are numbers in Avro, and dates in the hands of clients: rules about them are Covenant's alone to check. */
export function readsMoments(expression: Expression): boolean {
  if (expression.op === 'instant') return true
  if ('type' in expression && ['date', 'time', 'timestamp', 'instant'].includes(expression.type)) return true
  return Object.values(expression).some(
    (part) => typeof part === 'object' && part !== null && 'op' in part && readsMoments(part as Expression),
  )
}

/** The envelope of a change event around the row. */
function changeEvent(row: AvroObject & { readonly name: string }): object {
  const fields = [
    { name: 'op', type: 'string' },
    { name: 'after', type: ['null', row], default: null },
  ]
  return { type: 'record', name: `${row.name}_change`, fields }
}

function withTags(schema: Avro, fields: readonly Field[]): Avro {
  if (typeof schema === 'string') return schema
  if (Array.isArray(schema)) return schema.map((branch: Avro) => withTags(branch, fields))
  const { fields: members, items, values } = schema as AvroObject
  const inner = {
    ...(schema as AvroObject),
    ...(items === undefined ? {} : { items: withTags(items, fields) }),
    ...(values === undefined ? {} : { values: withTags(values, fields) }),
  }
  return members === undefined ? inner : { ...inner, fields: members.map((member) => taggedMember(member, fields)) }
}

function taggedMember(member: AvroObject & { readonly name: string }, fields: readonly Field[]) {
  const field = fields.find(({ name }) => name === member.name)!
  const type = withTags(member.type, field.fields ?? field.items?.fields ?? [])
  const tags = tagsOf(field)
  return { ...member, type, ...(tags.length === 0 ? {} : { 'confluent:tags': tags }) }
}

/** Rules of fields for which Avro has no word. */
function boundsOf(fields: readonly Field[], prefix: string): readonly string[] {
  return fields.flatMap(({ name, rules, fields: inner, items }) => [
    ...Object.keys(rules).map((rule) => `${prefix}${name} ${rule}`),
    ...boundsOf(inner ?? items?.fields ?? [], `${prefix}${name}.`),
  ])
}
