const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** The lines of a stream as the bytes they are, without line ends and without a byte order mark at the beginning. */
export async function* linesOf(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = []
  let first = true
  const finish = (end: Buffer): Buffer => {
    const whole = rest.length === 0 ? end : Buffer.concat([...rest, end])
    rest = []
    const start = first && whole.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0
    first = false
    return whole.subarray(start, whole.at(-1) === CARRIAGE_RETURN ? -1 : undefined)
  }
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield finish(bytes.subarray(start, end))
      start = end + 1
    }
    if (start < bytes.length) rest.push(bytes.subarray(start))
  }
  if (rest.length > 0) yield finish(Buffer.alloc(0))
}
