import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import type { Command } from 'commander'
import { buildProgram } from './program.ts'

function verbsOf(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(verbsOf)
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
  return text
}

describe('the command line', () => {
  it('has an example in the help of every verb', () => {
    for (const verb of verbsOf(buildProgram()))
      assert.match(helpOf(verb), /\nExamples?:\n {2}.*covenant/, `covenant ${verb.name()}`)
  })

  it('tells the exit codes in its help', () => {
    assert.match(helpOf(buildProgram()), /Exit codes: 0 .*1 .*2 .*3 /)
  })

  it('loads nothing but commander to show its help', () => {
    const script = `
      import { registerHooks } from 'node:module'
      const loaded = []
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
      const { buildProgram } = await import(${JSON.stringify(new URL('./program.ts', import.meta.url).href)})
      buildProgram().helpInformation()
      process.stdout.write(JSON.stringify(loaded))`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    assert.equal(stderr, '')
    const others = (JSON.parse(stdout) as string[]).filter(
      (url) => !/^node:|\/node_modules\/commander\/|\/src\/cli\//.test(url),
    )
    assert.deepEqual(others, [])
  })
})
