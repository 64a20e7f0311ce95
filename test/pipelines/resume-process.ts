import { thresholdPipeline } from './pipeline.ts'
import { openTestbed, START } from './testbed.ts'

// Deploys and runs three runs in one state folder, as a process of its own that the resume test kills.
const testbed = await openTestbed(process.argv[2]!)
process.stdout.write('ready\n')
await testbed.deploy(thresholdPipeline())
await testbed.orchestrator.run({ pipeline: 'threshold', trigger: 'ad-hoc', runId: 'run-1' })
testbed.clock.advanceTo(START + 3_600_000)
await testbed.orchestrator.run({ pipeline: 'threshold', trigger: 'cron', runId: 'run-2', params: { shift: 0.01 } })
await testbed.orchestrator.run({ pipeline: 'threshold', trigger: 'metric', runId: 'run-3', params: { shift: 0.25 } })
process.stdout.write('done\n')
await testbed.close()
