import { CovenantError, contentHash } from '../../../kernel/index.ts'

/** Longer names PostgreSQL cuts without an error. */
const NAME_BYTES_MAX = 63
const HASH_LENGTH = 8
/** Columns that every table of PostgreSQL has. */
const SYSTEM_COLUMNS = ['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']

/** Also a line break, which would end a comment in a migration's file. */
const CONTROL = /\p{Cc}/u

/** A name that changes with its content: `price_minimum_1f0e9a3b`, cut at the left part where it is too long. */
export function hashedName(base: string, content: unknown): string {
  const hash = contentHash(content).slice(0, HASH_LENGTH)
  let text = base.replaceAll(/\p{Cc}/gu, '')
  while (Buffer.byteLength(text) > NAME_BYTES_MAX - HASH_LENGTH - 1) text = [...text].slice(0, -1).join('')
  return `${text}_${hash}`
}

/** @throws CovenantError `CONTRACT_NOT_EXPRESSIBLE` for a name that PostgreSQL would cut or refuse. */
export function checkName(name: string, what: string, where: string): void {
  const fault =
    name === '' || CONTROL.test(name) || !name.isWellFormed()
      ? 'cannot be a name in PostgreSQL'
      : Buffer.byteLength(name) > NAME_BYTES_MAX
        ? `has more than the ${NAME_BYTES_MAX} bytes that PostgreSQL gives to names`
        : what === 'field' && SYSTEM_COLUMNS.includes(name)
          ? 'is the name of a column that every table of PostgreSQL has already'
          : null
  if (fault === null) return
  throw new CovenantError({
    code: 'CONTRACT_NOT_EXPRESSIBLE',
    message: `The ${what} ${JSON.stringify(name)} ${fault}.`,
    where,
    remedy: 'Rename it, or leave this contract out of the push to the database.',
  })
}
