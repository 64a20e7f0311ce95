import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import { VENV_PYTHON } from './onnx-models.ts'

/** One violation as Python tells it: rule id, path, severity. */
export type PythonViolation = readonly [ruleId: string, path: string, severity: string]

const PROGRAM = `
import base64, json, sys, types
for line in sys.stdin:
    task = json.loads(line)
    generated = sys.modules["generated"] = types.ModuleType("generated")
    module = generated.__dict__
    exec(compile(task["code"], "generated", "exec"), module)
    answers = []
    for value in task["values"]:
        found = module["validate_json"](None if value is None else base64.b64decode(value))
        answers.append([[v.rule_id, v.path, v.severity] for v in found])
    print(json.dumps(answers), flush=True)
`

/** One Python process that executes generated modules, each over the values of a list of records. */
export class PythonValidator {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #lines: Interface
  #errors = ''

  constructor() {
    this.#process = spawn(VENV_PYTHON, ['-c', PROGRAM], { env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } })
    this.#process.stderr.on('data', (chunk) => {
      this.#errors += chunk
    })
    // Told by the promise of the call that was waiting.
    this.#process.stdin.on('error', () => {})
    this.#lines = createInterface({ input: this.#process.stdout })
  }

  async judge(code: string, values: readonly (Uint8Array | null)[]): Promise<readonly (readonly PythonViolation[])[]> {
    const encoded = values.map((value) => (value === null ? null : Buffer.from(value).toString('base64')))
    const answer = new Promise<string>((resolve, reject) => {
      const failed = () => reject(new Error(`Python ended: ${this.#errors}`))
      this.#process.once('close', failed)
      this.#lines.once('line', (line) => {
        this.#process.off('close', failed)
        resolve(line)
      })
    })
    if (this.#process.exitCode !== null) throw new Error(`Python has ended: ${this.#errors}`)
    this.#process.stdin.write(`${JSON.stringify({ code, values: encoded })}\n`)
    return JSON.parse(await answer)
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null) return
    const closed = new Promise((resolve) => this.#process.once('close', resolve))
    this.#process.stdin.end()
    await closed
  }
}
