/** Length of a text in Unicode code points, as JSON Schema counts it; a lone surrogate counts as one. */
export function codePoints(text: string): number {
  let count = text.length
  for (let at = 1; at < text.length; at++)
    if ((text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800) count--
  return count
}
