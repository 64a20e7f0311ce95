import { quoteText } from '../../../kernel/index.ts'

/** A text as an SQL literal on one line, that means the same whatever `standard_conforming_strings` is. */
export function textLiteral(text: string): string {
  if (!/[\\\n\r]/.test(text)) return quoteText(text)
  return `E${quoteText(text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r'))}`
}

/** The body of a function in quotes that it does not hold. */
export function dollarQuoted(body: string): string {
  let tag = '$covenant$'
  for (let i = 1; body.includes(tag); i++) tag = `$covenant${i}$`
  return `${tag}${body}${tag}`
}

/** Whether a column of type `text` can hold it. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** Integers of JSON that every engine holds exactly. */
export const SAFE = 'BETWEEN -9007199254740991 AND 9007199254740991'
