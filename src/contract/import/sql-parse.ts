import { parse, type Statement } from 'pgsql-ast-parser'
import { messageOf } from '../../kernel/index.ts'
import { importFault } from './fault.ts'

/** Parses one statement. Throws `CONTRACT_IMPORT_FAILED`, with the line. */
export function parseStatement(sql: string, line: number, file: string): Statement[] {
  // How a table is stored does not change its shape, and the library does not read it.
  const plain = sql
    .replace(/^create\s+unlogged\s+/i, 'CREATE ')
    .replace(/\)\s*(partition\s+by\s+\w+|with)\s*\([^()]*\)\s*$/i, ')')
  try {
    return parse(plain)
  } catch (cause) {
    const reason = messageOf(cause)
      .split('\n')[0]!
      .replace(/[.:]?$/, '')
    throw importFault(`A statement is no PostgreSQL DDL that can be read: ${reason}.`, `${file}:${line}`, cause)
  }
}

/** Whether a statement says nothing about the shape of tables. */
export function isIrrelevant(sql: string): boolean {
  return IRRELEVANT.test(sql)
}

const IRRELEVANT = new RegExp(
  `^(${[
    'set|reset|select|insert|copy|begin|commit|start|drop|grant|revoke|do|analyze|refresh|security',
    'create\\s+(or\\s+replace|materialized|(unique\\s+)?(index|sequence|schema|extension|database|role|function))',
    'create\\s+(procedure|aggregate|event|trigger|view|policy|rule|publication|subscription|server|cast|collation|domain)',
    'alter\\s+(sequence|schema|database|role|function|procedure|type|default|domain|index|view|materialized|publication)',
    'alter\\s+table\\s+(only\\s+)?\\S+\\s+(owner|enable|disable|force|replica|alter|attach|cluster|set)',
  ].join('|')})\\b`,
  'i',
)

/** The key of the table that an ALTER TABLE is about, else an empty text. */
export function alteredTable(sql: string): string {
  const name =
    /^alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?:(?:\w+|"[^"]+")\.)?(\w+|"[^"]+")/i.exec(sql)?.[1] ?? ''
  return name.replaceAll('"', '').toLowerCase()
}
