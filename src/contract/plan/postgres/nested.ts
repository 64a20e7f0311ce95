import type { FieldPlan } from '../../define.ts'
import { isMomentType } from '../../moment.ts'
import { applying, oneOf, scalarRule } from './checks.ts'
import { type NotEnforced, NotExpressible } from './define.ts'
import { isStorable, SAFE, textLiteral } from './literal.ts'
import { isMomentText, textBeyond } from './moment.ts'

/** SQL that tells whether a nested value follows its field, and the rules that it cannot tell. */
export interface NestedCheck {
  /** Over the jsonb value that is called `value` in the call; true or false, never null. */
  readonly holds: string
  readonly notEnforced: readonly NotEnforced[]
}

/** The rules of an object, array or map, with all that is in it, over a jsonb value. */
export function nestedCheck(field: FieldPlan, value: string): NestedCheck {
  const writer = new NestedWriter()
  const holds = writer.accepts(field, value, field.name)
  return { holds, notEnforced: writer.notEnforced }
}

class NestedWriter {
  readonly notEnforced: NotEnforced[] = []
  #depth = 0

  accepts(field: FieldPlan, value: string, path: string): string {
    const missing = `${value} IS NULL OR jsonb_typeof(${value}) = 'null'`
    return `CASE WHEN ${missing} THEN ${!field.required} ELSE ${this.#typed(field, value, path)} END`
  }

  #typed(field: FieldPlan, value: string, path: string): string {
    const { type } = field
    switch (type) {
      case 'object':
        return this.#object(field, value, path)
      case 'map':
        return this.#items(field, value, path, 'object', 'jsonb_each')
      case 'array':
        return this.#array(field, value, path)
      case 'string':
        return guarded(value, 'string', this.#scalar(field, text(value), path))
      case 'boolean':
        return guarded(value, 'boolean', this.#scalar(field, `(${value})::boolean`, path))
      case 'integer': {
        const number = numeric(value)
        const isInteger = [`trunc(${number}) = ${number}`, `${number} ${SAFE}`]
        return guarded(value, 'number', [...isInteger, ...this.#scalar(field, number, path)])
      }
      case 'number':
        return guarded(value, 'number', this.#scalar(field, numeric(value), path))
      default:
        return this.#moment(field, value)
    }
  }

  #scalar({ type, rules }: FieldPlan, sql: string, path: string): readonly string[] {
    return applying(type, rules).flatMap((code) => {
      try {
        return [scalarRule(type, rules, code, sql)]
      } catch (thrown) {
        if (!(thrown instanceof NotExpressible)) throw thrown
        this.notEnforced.push({ ruleId: `${path}.${code}`, reason: thrown.message })
        return []
      }
    })
  }

  #moment({ type, rules }: FieldPlan, value: string): string {
    if (!isMomentType(type)) throw new NotExpressible(`the type ${type} is not known`)
    const { earliest, latest } = rules
    const values = rules.enum?.map(String).filter(isStorable).map(textLiteral)
    const bounds = [
      ...(earliest === undefined ? [] : [`NOT ${textBeyond(type, text(value), '<', earliest)}`]),
      ...(latest === undefined ? [] : [`NOT ${textBeyond(type, text(value), '>', latest)}`]),
      ...(values === undefined ? [] : [oneOf(text(value), values)]),
    ]
    const isMoment = `jsonb_typeof(${value}) = 'string' AND ${isMomentText(type, text(value))}`
    return `CASE WHEN ${isMoment} THEN ${all(bounds)} ELSE false END`
  }

  #object(field: FieldPlan, value: string, path: string): string {
    const members = (field.fields ?? []).map((member) =>
      isStorable(member.name)
        ? this.accepts(member, `(${value} -> ${textLiteral(member.name)})`, `${path}.${member.name}`)
        : String(!member.required),
    )
    return guarded(value, 'object', members)
  }

  #array(field: FieldPlan, value: string, path: string): string {
    const { minItems, maxItems, uniqueItems } = field.rules
    const sizes = [
      ...(minItems === undefined ? [] : [`jsonb_array_length(${value}) >= ${minItems}`]),
      ...(maxItems === undefined ? [] : [`jsonb_array_length(${value}) <= ${maxItems}`]),
    ]
    const distinct = uniqueItems
      ? [`(SELECT count(*) = count(DISTINCT each.value) FROM jsonb_array_elements(${value}) AS each (value))`]
      : []
    const inside = this.#items(field, value, path, 'array', 'jsonb_array_elements')
    return guarded(value, 'array', [...sizes, ...distinct, inside])
  }

  #items(field: FieldPlan, value: string, path: string, kind: string, source: string): string {
    if (field.items === undefined) return `jsonb_typeof(${value}) = '${kind}'`
    const alias = `each${this.#depth++}`
    const columns = kind === 'array' ? '(value)' : '(key, value)'
    const inner = this.accepts(field.items, `${alias}.value`, `${path}${kind === 'array' ? '[]' : '{}'}`)
    return guarded(value, kind, [
      `NOT EXISTS (SELECT FROM ${source}(${value}) AS ${alias} ${columns} WHERE NOT ${inner})`,
    ])
  }
}

function guarded(value: string, kind: string, conditions: readonly string[]): string {
  return `CASE WHEN jsonb_typeof(${value}) = '${kind}' THEN ${all(conditions)} ELSE false END`
}

function all(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'true' : conditions.map((each) => `(${each})`).join(' AND ')
}

function text(value: string): string {
  return `(${value} #>> '{}')`
}

function numeric(value: string): string {
  return `(${value} #>> '{}')::numeric`
}
