export interface SqlStatement {
  readonly sql: string
  /** 1-based line on which it begins. */
  readonly line: number
}

/** What opens a place where a semicolon ends no statement, and the semicolon itself; `\\` begins a command of psql. */
const OPENER = /--|\/\*|['";]|\$\w{0,63}\$|^\\/gm

/** The rows after this statement stand in the text, up to a line with `\\.`. */
const COPIES_ROWS = /^copy\b[^;]*\bfrom\s+stdin\b/i
const END_OF_ROWS = '\n\\.'

/**
 * Cuts SQL text at its semicolons. Comments, commands of psql and rows that a dump copies are left out. What is opened and
 * never closed goes on to the end.
 */
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
    const statement = sql.trim()
    if (statement !== '') statements.push({ sql: statement, line: lines(begins) })
    sql = ''
    return statement
  }
  OPENER.lastIndex = 0
  for (let match = OPENER.exec(text); match !== null; match = OPENER.exec(text)) {
    const [opener] = match
    const end = opener === ';' ? match.index + 1 : endOf(text, opener, OPENER.lastIndex)
    add(match.index)
    if (opener === ';') from = COPIES_ROWS.test(finish()) ? offsetAfter(text, END_OF_ROWS, end) : end
    else {
      if (!LEFT_OUT.has(opener)) add(end)
      from = end
    }
    OPENER.lastIndex = from
  }
  add(text.length)
  finish()
  return statements
}

const LEFT_OUT = new Set(['--', '/*', '\\'])

/** The offset after what `opener` opens. A doubled quote ends one text and opens the next. */
function endOf(text: string, opener: string, from: number): number {
  const closer = opener === '--' || opener === '\\' ? '\n' : opener === '/*' ? '*/' : opener
  return offsetAfter(text, closer, from)
}

function offsetAfter(text: string, closer: string, from: number): number {
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
