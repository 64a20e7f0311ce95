import { quoteName } from '../../../kernel/index.ts'
import type { Contract, Field, LogicalType, RulePlan } from '../../define.ts'
import { fieldsRead } from '../expression/fields-read.ts'
import { compileValidationPlan } from '../validation-plan.ts'
import { columnChecks } from './checks.ts'
import {
  type NotEnforced,
  NotExpressible,
  type PostgresColumn,
  type PostgresConstraint,
  type PostgresFunction,
  type PostgresTable,
} from './define.ts'
import { helperBody } from './helpers.ts'
import { dollarQuoted } from './literal.ts'
import { checkName, hashedName } from './names.ts'
import { nestedCheck } from './nested.ts'
import { type NumberHelper, ruleSql } from './rule.ts'

/** The type of a field's column. */
const COLUMN_TYPES: Readonly<Record<LogicalType, string>> = {
  string: 'text',
  integer: 'bigint',
  number: 'numeric',
  boolean: 'boolean',
  date: 'date',
  time: 'time without time zone',
  timestamp: 'timestamp with time zone',
  object: 'jsonb',
  array: 'jsonb',
  map: 'jsonb',
}

/**
 * The table that takes exactly the records that a contract accepts, as far as its columns can hold them: timestamps and
 * times to the microsecond, years 1 to 9999, no character 0 in texts. Equal contracts give equal tables.
 *
 * What PostgreSQL cannot be given with the same meaning is listed in `notEnforced`; no rule is weakened silently.
 *
 * @throws CovenantError `CONTRACT_NOT_EXPRESSIBLE` for names that PostgreSQL cannot have
 * @example compilePostgresTable(contract, { schema: 'public' }).constraints[0].definition // 'CHECK ("price" >= 0)'
 */
export function compilePostgresTable(contract: Contract, { schema }: { readonly schema: string }): PostgresTable {
  return new TableCompiler(contract, schema).compile()
}

class TableCompiler {
  readonly #contract: Contract
  readonly #schema: string
  readonly #table: string
  readonly #constraints: PostgresConstraint[] = []
  readonly #functions: PostgresFunction[] = []
  readonly #notEnforced: NotEnforced[] = []
  readonly #types: ReadonlyMap<string, string>

  constructor(contract: Contract, schema: string) {
    this.#contract = contract
    this.#schema = schema
    this.#table = contract.topic.replaceAll(/[^A-Za-z0-9_]/g, '_')
    this.#types = new Map(contract.fields.map(({ name, type }) => [name, COLUMN_TYPES[type]]))
  }

  compile(): PostgresTable {
    const { fields, purpose } = this.#contract
    this.#checkNames()
    const plan = compileValidationPlan(this.#contract)
    const key = this.#primaryKey()
    // What is the whole primary key is unique by that; PostgreSQL would leave out a second constraint without a word.
    for (const { name, unique } of fields)
      if (unique && !(key.length === 1 && key[0] === name)) this.#keyConstraint('unique', `${name}_unique`, [name])
    for (const field of plan.fields)
      if (this.#types.get(field.name) === 'jsonb') this.#nested(field)
      else this.#scalar(field)
    for (const rule of plan.rules) this.#rule(rule)
    return {
      schema: this.#schema,
      name: this.#table,
      comment: purpose,
      columns: fields.map(columnOf),
      constraints: this.#constraints,
      functions: this.#functions,
      notEnforced: this.#notEnforced,
    }
  }

  #checkNames(): void {
    const { id, version, fields } = this.#contract
    checkName(this.#schema, 'schema', `${id} ${version}`)
    checkName(this.#table, 'table', `${id} ${version}`)
    for (const { name } of fields) checkName(name, 'field', `${id} ${version}`)
  }

  #primaryKey(): readonly string[] {
    const keyed = this.#contract.fields.filter(({ primaryKeyPosition }) => primaryKeyPosition !== null)
    const names = keyed.sort((a, b) => a.primaryKeyPosition! - b.primaryKeyPosition!).map(({ name }) => name)
    if (names.length > 0) this.#keyConstraint('primary key', 'key', names)
    return names
  }

  /** Named by the table too, because the index of it is named among those of the whole schema. */
  #keyConstraint(kind: 'primary key' | 'unique', base: string, names: readonly string[]): void {
    const definition = `${kind.toUpperCase()} (${names.map(quoteName).join(', ')})`
    const name = hashedName(`${this.#table}_${base}`, [definition, this.#typesOf(names), this.#table])
    this.#constraints.push({ name, kind, definition })
  }

  #scalar(field: Parameters<typeof columnChecks>[0]): void {
    for (const { code, holds } of columnChecks(field, quoteName(field.name)))
      if (holds === null)
        this.#notEnforced.push({
          ruleId: `${field.name}.${code}`,
          reason: 'its pattern has look-around or back-references, or is too large for PostgreSQL',
        })
      else this.#check(`${field.name}_${code}`, holds, [field.name])
  }

  #nested(field: Parameters<typeof nestedCheck>[0]): void {
    const { holds, notEnforced } = nestedCheck(field, '$1')
    this.#notEnforced.push(...notEnforced)
    const call = this.#function(field.name, ['jsonb'], holds)
    this.#check(field.name, `${call}(${quoteName(field.name)})`, [field.name])
  }

  #rule(rule: RulePlan): void {
    if (rule.stage !== 'enforce') {
      this.#notEnforced.push({ ruleId: rule.id, reason: `its stage is ${rule.stage}` })
      return
    }
    try {
      this.#enforcedRule(rule)
    } catch (thrown) {
      if (!(thrown instanceof NotExpressible)) throw thrown
      this.#notEnforced.push({ ruleId: rule.id, reason: `PostgreSQL cannot express ${thrown.message}` })
    }
  }

  #enforcedRule({ id, expression }: RulePlan): void {
    const names = fieldsRead(expression)
    const types = names.map((name) => this.#types.get(name)!)
    const helperOf = (helper: NumberHelper) => this.#qualified(this.#helperName(helper))
    const inline = ruleSql(expression, quoteName, helperOf)
    for (const helper of inline.helpers) this.#helper(helper)
    if (!inline.needsFunction) {
      this.#check(id, inline.holds, names)
      return
    }
    const { holds } = ruleSql(expression, (name) => `$${names.indexOf(name) + 1}`, helperOf)
    const call = this.#function(id, types, holds)
    this.#check(id, `${call}(${names.map(quoteName).join(', ')})`, names)
  }

  #check(base: string, holds: string, names: readonly string[]): void {
    const definition = `CHECK (${holds})`
    const name = hashedName(base, [definition, this.#typesOf(names)])
    if (!this.#constraints.some((each) => each.name === name))
      this.#constraints.push({ name, kind: 'check', definition })
  }

  #typesOf(names: readonly string[]): readonly string[] {
    return names.map((name) => this.#types.get(name)!)
  }

  /** A function that tells whether its arguments hold; its qualified name. */
  #function(base: string, types: readonly string[], holds: string): string {
    const body = ` SELECT ${holds} `
    const name = hashedName(`${this.#table}_${base}`, [body, types, this.#table])
    this.#addFunction(name, types, types.join(', '), 'boolean LANGUAGE sql IMMUTABLE', body)
    return this.#qualified(name)
  }

  #helper(helper: NumberHelper): void {
    const types = ['double precision', 'double precision']
    const parameters = 'a double precision, b double precision'
    const result = 'double precision LANGUAGE plpgsql IMMUTABLE STRICT'
    this.#addFunction(this.#helperName(helper), types, parameters, result, helperBody(helper))
  }

  #helperName(helper: NumberHelper): string {
    return hashedName(`${this.#table}_${helper}`, [helperBody(helper), this.#table])
  }

  #addFunction(name: string, types: readonly string[], parameters: string, result: string, body: string): void {
    if (this.#functions.some((each) => each.name === name)) return
    const qualified = this.#qualified(name)
    const head = `CREATE OR REPLACE FUNCTION ${qualified}(${parameters}) RETURNS ${result} SET search_path TO ''`
    const definition = `${head}\nAS ${dollarQuoted(body)}`
    this.#functions.push({ name, signature: `${qualified}(${types.join(', ')})`, definition, body })
  }

  #qualified(name: string): string {
    return `${quoteName(this.#schema)}.${quoteName(name)}`
  }
}

function columnOf({ name, type, required, primaryKeyPosition, description }: Field): PostgresColumn {
  const isRequired = required || primaryKeyPosition !== null
  return { name, type: COLUMN_TYPES[type], required: isRequired, comment: description }
}
