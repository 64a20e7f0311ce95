import type { CommandContext } from './context.ts'

/** Prints a verb's result: as one JSON document with `--json`, else as the lines that `render` makes of it. */
export function print<T>(context: CommandContext, result: T, render: (result: T) => string): void {
  process.stdout.write(context.json ? `${JSON.stringify(result, null, 2)}\n` : ensureNewline(render(result)))
}

/** Rows as aligned columns under a head; says `nothing` where there are no rows. */
export function columns(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
  nothing: string,
): string {
  if (rows.length === 0) return nothing
  const text = rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell))))
  const widths = head.map((title, index) => Math.max(title.length, ...text.map((row) => row[index]?.length ?? 0)))
  const numeric = head.map((_title, index) => rows.every((row) => typeof row[index] === 'number'))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => (numeric[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...text.map(line)].join('\n')
}

/** @example counted(1, 'contract file') // '1 contract file' */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** `2013-01-31 05:00` in UTC, or a dash. */
export function moment(time: number | null): string {
  return time === null ? '–' : new Date(time).toISOString().slice(0, 16).replace('T', ' ')
}

/** A metric for reading: six significant digits. */
export function figure(value: number): string {
  return String(Number(value.toPrecision(6)))
}

function ensureNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
