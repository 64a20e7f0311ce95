import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** One contract: readings of stations. */
export const READINGS = `apiVersion: v3.2.0
kind: DataContract
id: station.readings
name: Station readings
version: 1.0.0
status: active
team:
  name: stations
  members:
    - username: ada
      role: owner
schema:
  - name: readings
    physicalName: station.readings
    physicalType: topic
    logicalType: object
    customProperties:
      - property: covenant.stream
        value:
          key: [station]
          eventTime: at
    properties:
      - name: station
        logicalType: string
        primaryKey: true
        primaryKeyPosition: 1
        required: true
      - name: at
        logicalType: timestamp
        logicalTypeOptions: { timezone: true, defaultTimezone: Etc/UTC }
        primaryKey: true
        primaryKeyPosition: 2
        required: true
      - name: celsius
        logicalType: number
        logicalTypeOptions: { minimum: -90, maximum: 60 }
        required: true
`

const CONFIG = `import { defineProject } from 'covenant'
export const project = defineProject({ name: 'tiny', schedule: { lake: '0 1 * * *', audit: '0 2 * * *' } })
`

/** An endpoint on a feature that follows from the request alone. */
export const ENDPOINT = `import { defineEndpoint, defineFeatureService, defineOnDemandView, field } from 'covenant'
const reading = defineOnDemandView({ name: 'reading', features: { celsius: field('celsius') } })
const service = defineFeatureService({ name: 'frost', views: [reading] })
export const frost = defineEndpoint({
  name: 'frost', model: 'frost', service,
  source: { topic: 'station.readings', keyField: 'station' }, predictions: 'frost.predictions',
})
`

/** Makes a project in a temporary folder, with `files` added or put in place of its own. Its caller removes it. */
export function tinyProject(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-project-'))
  const all = { 'covenant.config.ts': CONFIG, 'contracts/readings.odcs.yaml': READINGS, ...files }
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules', 'covenant'))
  return folder
}
