/**
 * Cuts a JSON text into the texts of its parts without writing them anew: `1.0`, `12345678901234567890` and the order
 * of members stay as the producer wrote them. The text must be valid JSON (parse it first).
 */

/** The texts of the items of a JSON array. */
export function itemSlices(text: string): string[] {
  return slices(text).map(([start, end]) => text.slice(start, end))
}

/** The text of the member `name` of a JSON object; of the last one where the name is repeated, as `JSON.parse` does. */
export function memberSlice(text: string, name: string): string | undefined {
  let found: string | undefined
  for (const [start, end] of slices(text)) {
    const nameEnd = stringEnd(text, start)
    if (JSON.parse(text.slice(start, nameEnd)) !== name) continue
    found = text.slice(text.indexOf(':', nameEnd) + 1, end).trim()
  }
  return found
}

/** Start and end of what stands between the commas of the outermost array or object, without white space around it. */
function slices(text: string): [start: number, end: number][] {
  const parts: [number, number][] = []
  let depth = 0
  let start = -1
  let end = -1
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (isSpace(char)) continue
    const closes = char === ']' || char === '}'
    if (closes) depth--
    if (depth === 0 || (depth === 1 && char === ',')) {
      if (start >= 0) parts.push([start, end])
      start = -1
    } else if (start < 0) start = at
    if (char === '[' || char === '{') depth++
    if (char === '"') at = stringEnd(text, at) - 1
    end = at + 1
  }
  return parts
}

/** The index after the closing quote of the string that opens at `at`. */
function stringEnd(text: string, at: number): number {
  let end = at + 1
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  return end + 1
}

function isSpace(char: string): boolean {
  return char === ' ' || char === '\n' || char === '\r' || char === '\t'
}
