import { CovenantError } from '../../kernel/index.ts'
import type { Draft } from './draft.ts'
import { importFault } from './fault.ts'

/** Formats that a contract can be drafted from, as text. Parquet files are read by the SQL engine. */
export const IMPORT_FORMATS = ['json-schema', 'avro', 'protobuf', 'sql', 'dbt'] as const
export type ImportFormat = (typeof IMPORT_FORMATS)[number]

/** A longer text is no schema; it could keep a parser busy for very long. */
const TEXT_CHARACTERS_MAX = 4_000_000

/**
 * Drafts of contracts from a schema in another format: one for each table, model or message. Each format's parser is
 * loaded when it is used.
 *
 * @param only Name of one table, model or message; needed where a file of messages has several.
 * @throws CovenantError `CONTRACT_IMPORT_FAILED`
 * @example const [draft] = await importDrafts('avro', readFileSync('order.avsc', 'utf8'), 'order.avsc')
 */
export async function importDrafts(
  format: ImportFormat,
  text: string,
  file: string,
  only?: string,
): Promise<readonly Draft[]> {
  if (text.length > TEXT_CHARACTERS_MAX)
    throw new CovenantError({
      code: 'CONTRACT_IMPORT_FAILED',
      message: `The file has ${text.length} characters; a schema has at most ${TEXT_CHARACTERS_MAX}.`,
      where: file,
      remedy: 'Name the file with the schema, not with data: those are for covenant contract infer.',
    })
  switch (format) {
    case 'json-schema':
      return [(await import('./json-schema.ts')).importJsonSchema(text, file)]
    case 'avro':
      return [(await import('./avro.ts')).importAvro(text, file)]
    case 'protobuf':
      return [(await import('./protobuf.ts')).importProtobuf(text, file, only)]
    case 'sql':
      return tablesNamed((await import('./sql-ddl.ts')).importSqlDdl(text, file), only, file)
    case 'dbt':
      return (await import('./dbt.ts')).importDbt(text, file, only)
  }
}

function tablesNamed(drafts: readonly Draft[], only: string | undefined, file: string): readonly Draft[] {
  if (only === undefined) return drafts
  const found = drafts.filter(({ name }) => name === only || name.endsWith(`.${only}`))
  if (found.length > 0) return found
  throw importFault(`The file has no table ${only}; it has ${drafts.map(({ name }) => name).join(', ')}.`, file)
}

/** The format that a file's name and text show, or `null`. */
export function importFormatOf(file: string, text: string): ImportFormat | null {
  if (/\.avsc$/i.test(file)) return 'avro'
  if (/\.proto$/i.test(file)) return 'protobuf'
  if (/\.(sql|ddl)$/i.test(file)) return 'sql'
  if (/manifest\.json$/i.test(file) || (/\.ya?ml$/i.test(file) && /^(models|sources|seeds|snapshots):/m.test(text)))
    return 'dbt'
  if (!/\.json$/i.test(file)) return null
  return /"type"\s*:\s*"record"/.test(text) && /"fields"\s*:/.test(text) ? 'avro' : 'json-schema'
}
