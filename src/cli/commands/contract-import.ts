import { basename, join } from 'node:path'
import {
  type Draft,
  IMPORT_FORMATS,
  type ImportFormat,
  importDrafts,
  importFormatOf,
  writeDraft,
} from '../../contract/index.ts'
import { CovenantError } from '../../kernel/index.ts'
import { type DataFormat, dataSource } from '../../runtime/contract-test/files.ts'
import { topicSource } from '../../runtime/contract-test/topics.ts'
import { importColumns, inferContract } from '../../runtime/infer.ts'
import type { CommandContext } from '../context.ts'
import { readNamedFile, writeNamedFile } from '../files.ts'

export interface DraftFlags {
  /** Topic name of the draft. */
  readonly topic?: string
  /** Folder to write one file a draft to; standard output unless told. */
  readonly output?: string
}

export interface ImportFlags extends DraftFlags {
  readonly from?: ImportFormat | 'parquet'
  readonly only?: string
}

export interface InferFlags extends DraftFlags {
  readonly format?: DataFormat
  readonly table?: string
  readonly tight?: boolean
}

/** Drafts contracts from a schema in another format. */
export async function contractImport(context: CommandContext, file: string, flags: ImportFlags): Promise<void> {
  if (flags.from === 'parquet' || (flags.from === undefined && /\.(parquet|pq)$/i.test(file))) {
    deliver(context, [await importColumns(dataSource(file, 'parquet', ''), { name: nameOf(file) })], flags)
    return
  }
  const text = readNamedFile(file)
  const format = flags.from ?? importFormatOf(file, text)
  if (format === null)
    throw new CovenantError({
      code: 'CLI_OPTION_INVALID',
      message: 'The format does not follow from the file.',
      where: file,
      remedy: `Name it with --from: ${[...IMPORT_FORMATS, 'parquet'].join(', ')}.`,
    })
  if (flags.only !== undefined && (format === 'json-schema' || format === 'avro'))
    throw new CovenantError({
      code: 'CLI_OPTION_INVALID',
      message: 'The file has one schema, and --only chooses among several.',
      where: file,
      remedy: 'Leave --only out.',
    })
  deliver(context, await importDrafts(format, text, file, flags.only), flags)
}

/** Drafts a contract from the records of a topic of the state folder, or of a file, a database table. */
export async function contractInfer(context: CommandContext, what: string, flags: InferFlags): Promise<void> {
  const isData =
    flags.format !== undefined || /[\\/]|\.(csv|tsv|txt|json|ndjson|jsonl|parquet|pq|duckdb|ddb|db)(\.gz)?$/i.test(what)
  const source = isData
    ? dataSource(what, flags.format, flags.table ?? nameOf(what))
    : topicSource(context.stateDir, what, 'raw')
  const name = isData ? (flags.table ?? nameOf(what)) : what
  deliver(context, [await inferContract(source, { name, tight: flags.tight ?? false })], flags)
}

/** Prints or writes the drafts; what a person has to look at goes to standard error, or with `--json` into the document. */
function deliver(context: CommandContext, drafts: readonly Draft[], { topic, output }: DraftFlags): void {
  if (topic !== undefined && drafts.length > 1)
    throw new CovenantError({
      code: 'CLI_OPTION_INVALID',
      message: `There are ${drafts.length} drafts, and --topic names one.`,
      remedy: 'Leave --topic out, or choose one of them with --only.',
    })
  const written = drafts.map((draft) => ({
    name: draft.name,
    notes: draft.notes,
    yaml: writeDraft(draft, topic === undefined ? {} : { topic }),
  }))
  const files = output === undefined ? [] : written.map(({ name, yaml }) => save(output, topic ?? name, yaml))
  if (context.json) {
    const report = written.map((each, index) => ({ ...each, file: files[index] ?? null }))
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
    return
  }
  if (output === undefined) process.stdout.write(written.map(({ yaml }) => yaml).join('---\n'))
  for (const [index, { name, notes }] of written.entries()) {
    if (files[index] !== undefined) process.stderr.write(`Wrote ${files[index]}\n`)
    for (const { path, message } of notes)
      process.stderr.write(`${path === '' ? name : `${name}: ${path}`}: ${message}\n`)
  }
}

/** A draft never replaces a file that is there. */
function save(folder: string, name: string, yaml: string): string {
  const file = join(folder, `${name.replace(/[^A-Za-z0-9._-]+/g, '-')}.odcs.yaml`)
  writeNamedFile(file, yaml, { flag: 'wx' })
  return file
}

function nameOf(path: string): string {
  return basename(path).replace(/(\.[a-z]+)(\.gz)?$/i, '') || 'records'
}
