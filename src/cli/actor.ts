import { userInfo } from 'node:os'

/** Who changes something on the command line: `COVENANT_ACTOR`, else the user of the system. */
export function actor(): string {
  return process.env.COVENANT_ACTOR ?? userInfo().username
}
