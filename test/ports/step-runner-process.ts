import { EmbeddedStepRunner } from '../../src/adapters/embedded/step-runner.ts'
import type { StepProcess } from '../../src/pipelines/ports.ts'

// A process of its own for the step runner suite, which kills it.
await new EmbeddedStepRunner().run(JSON.parse(process.argv[2]!) as StepProcess)
