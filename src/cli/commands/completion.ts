import type { Command } from 'commander'

interface Place {
  /** Verbs that lead here, e.g. `dlq show`; empty for the program itself. */
  readonly path: string
  /** Verbs and long options that can follow. */
  readonly words: readonly string[]
}

/** Prints a completion script made from the verbs and options of the program. */
export function completion(program: Command, shell: 'bash' | 'zsh' | 'fish'): void {
  process.stdout.write(shell === 'fish' ? fish(program) : bash(program, shell === 'zsh'))
}

function placesOf(command: Command, path: readonly string[] = [], inherited: readonly string[] = []): readonly Place[] {
  const options = [...inherited, ...command.options.map(({ long }) => long ?? '')].filter((word) => word !== '')
  const words = [...command.commands.map((verb) => verb.name()), ...options, '--help']
  const global = path.length === 0 ? options.filter((word) => word !== '--version') : inherited
  return [
    { path: path.join(' '), words },
    ...command.commands.flatMap((verb) => placesOf(verb, [...path, verb.name()], global)),
  ]
}

function bash(program: Command, zsh: boolean): string {
  const cases = placesOf(program).map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`)
  const verbs = placesOf(program)
    .filter(({ path }) => path !== '')
    .map(({ path }) => `'${path}'`)
  return `${zsh ? 'autoload -U +X bashcompinit && bashcompinit\n' : ''}_covenant() {
  local path='' words='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
    ${verbs.join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ \${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _covenant covenant
`
}

function fish(program: Command): string {
  const lines = placesOf(program).flatMap(({ path, words }) => {
    const seen = path === '' ? '__fish_use_subcommand' : path.split(' ').map(seenSubcommand).join('; and ')
    return words.map((word) =>
      word.startsWith('--')
        ? `complete -c covenant -n '${seen}' -l ${word.slice(2)}`
        : `complete -c covenant -n '${seen}' -a ${word}`,
    )
  })
  return `${lines.join('\n')}\n`
}

function seenSubcommand(verb: string): string {
  return `__fish_seen_subcommand_from ${verb}`
}
