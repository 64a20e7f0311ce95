import { Argument, type Command } from 'commander'
import { contextOf, examples } from '../context.ts'

/** `doctor`, `completion`. */
export function toolVerbs(program: Command): void {
  program
    .command('doctor')
    .description('check what Covenant needs: Node, Python, DuckDB, the state folder, the project')
    .addHelpText('after', examples('covenant doctor'))
    .action(async (_options, command: Command) => (await import('../commands/doctor.ts')).doctor(contextOf(command)))
  program
    .command('completion')
    .description('print a script that completes verbs and options')
    .addArgument(new Argument('<shell>', 'the shell to complete in').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      examples(
        'source <(covenant completion bash)',
        'covenant completion fish > ~/.config/fish/completions/covenant.fish',
      ),
    )
    .action(async (shell: 'bash' | 'zsh' | 'fish') =>
      (await import('../commands/completion.ts')).completion(program, shell),
    )
}
