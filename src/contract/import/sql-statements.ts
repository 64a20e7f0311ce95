export interface SqlStatement {
  readonly sql: string
  /** 1-based line on which it begins. */
  readonly line: number
}

/** What opens a place where a semicolon ends no statement, and the semicolon itself. */
const OPENER = /--|\/\*|['";]|\$\w{0,63}\$/g

/** Cuts SQL text at its semicolons; comments are left out. What is opened and never closed goes on to the end. */
export function splitStatements(text: string): readonly SqlStatement[] {
  const statements: SqlStatement[] = []
  let sql = ''
  let begins = 0
  let from = 0
  const add = (end: number) => {
    if (sql.trim() === '') begins = from + text.slice(from, end).search(/\S|$/)
    sql += text.slice(from, end)
    from = end
  }
  const lines = lineCounter(text)
  const finish = () => {
    if (sql.trim() !== '') statements.push({ sql: sql.trim(), line: lines(begins) })
    sql = ''
  }
  OPENER.lastIndex = 0
  for (let match = OPENER.exec(text); match !== null; match = OPENER.exec(text)) {
    const [opener] = match
    const end = opener === ';' ? match.index + 1 : endOf(text, opener, OPENER.lastIndex)
    add(match.index)
    if (opener === ';') finish()
    else if (opener !== '--' && opener !== '/*') add(end)
    from = end
    OPENER.lastIndex = end
  }
  add(text.length)
  finish()
  return statements
}

/** The offset after what `opener` opens. A doubled quote ends one text and opens the next. */
function endOf(text: string, opener: string, from: number): number {
  const closer = opener === '--' ? '\n' : opener === '/*' ? '*/' : opener
  const found = text.indexOf(closer, from)
  return found < 0 ? text.length : found + closer.length
}

/** Line numbers of offsets that only grow. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1
  let counted = 0
  return (offset) => {
    for (let next = text.indexOf('\n', counted); next >= 0 && next < offset; next = text.indexOf('\n', counted)) {
      line++
      counted = next + 1
    }
    return line
  }
}
