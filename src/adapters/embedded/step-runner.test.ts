import { fileURLToPath } from 'node:url'
import { stepRunnerSuite } from '../../../test/ports/step-runner.ts'
import { EmbeddedStepRunner } from './step-runner.ts'

const script = fileURLToPath(new URL('../../../test/ports/step-runner-process.ts', import.meta.url))
stepRunnerSuite('embedded', () => new EmbeddedStepRunner(), script)
