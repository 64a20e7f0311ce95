import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'

interface GlobalOptions {
  readonly project: string
  readonly state?: string
  readonly json?: boolean
}

/** Where a verb finds its project and state, and how it prints. */
export interface CommandContext {
  readonly projectDir: string
  readonly stateDir: string
  readonly json: boolean
}

/** The options that every verb takes. */
export function contextOf(command: Command): CommandContext {
  const options = command.optsWithGlobals<GlobalOptions>()
  const projectDir = resolve(options.project)
  return {
    projectDir,
    stateDir: resolve(options.state ?? `${projectDir}/.covenant`),
    json: options.json ?? false,
  }
}

/** Reads an option that takes a whole number in `[from, to]`. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= from && number <= to) return number
    throw new InvalidArgumentError(`Give a whole number from ${from} to ${to}.`)
  }
}

/** Examples that a verb shows under its help text. */
export function examples(...lines: readonly string[]): string {
  return ['', lines.length === 1 ? 'Example:' : 'Examples:', ...lines.map((line) => `  ${line}`)].join('\n')
}
