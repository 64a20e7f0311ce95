import { execFileSync } from 'node:child_process'
import { VENV_PYTHON } from './onnx-models.ts'

/**
 * Runs a Python program with the packages of the set-up: `data` is what `input` holds, and its `print(json.dumps(…))` is
 * returned. For comparing with the published implementation of a statistic.
 */
export function askPython(program: string, input: unknown): unknown {
  const head = 'import json, sys\nimport numpy as np\ndata = json.load(sys.stdin)\n'
  const output = execFileSync(VENV_PYTHON, ['-c', head + program], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  })
  return JSON.parse(output)
}
