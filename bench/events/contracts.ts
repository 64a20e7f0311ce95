/** What a field may look like: each kind of rule that contracts commonly have. */
const FIELDS: readonly ((name: string, index: number) => string)[] = [
  (name) => `
        logicalType: string
        logicalTypeOptions: { minLength: 1, maxLength: 64 }
        description: The ${name} as the shop writes it.`,
  (_name, index) => `
        logicalType: integer
        logicalTypeOptions: { minimum: 0, maximum: ${1_000 * (index + 1)} }`,
  () => `
        logicalType: number
        logicalTypeOptions: { minimum: 0, multipleOf: 0.01 }
        quality:
          - metric: nullValues
            mustBeLessThan: 5
            unit: percent
            severity: warning`,
  () => `
        logicalType: string
        enum: [{ value: open }, { value: paid }, { value: sent }, { value: closed }]
        classification: internal`,
  () => `
        logicalType: timestamp
        logicalTypeOptions: { minimum: 2013-01-01T00:00:00Z }
        tags: [time]`,
  () => `
        logicalType: boolean
        businessName: Whether it holds`,
]

/** A contract as a team would write it: 30 fields, a server, a team, quality rules and service levels. */
export function generatedContract(index: number): string {
  const names = Array.from({ length: 28 }, (_, at) => `field_${at}`)
  return `apiVersion: v3.2.0
kind: DataContract
id: table-${index}
name: Table ${index}
version: 1.${index}.0
status: active
domain: sales
description:
  purpose: Rows of table ${index}, for reports and models.
  limitations: Of the last 90 days only.
servers:
  - server: production
    type: postgres
    host: \${DB_HOST}
    port: \${DB_PORT:-5432}
    database: shop
    schema: public
team:
  name: checkout
  members:
    - username: ada
      role: Owner
schema:
  - name: table_${index}
    physicalType: table
    logicalType: object
    customProperties:
      - property: covenant.stream
        value: { key: [id], eventTime: placed_at }
    quality:
      - metric: rowCount
        mustBeGreaterThan: 0
      - id: amounts
        type: custom
        engine: cel
        implementation: this.field_1 >= 0 || !this.field_5
    properties:
      - name: id
        logicalType: integer
        required: true
        primaryKey: true${index === 0 ? '' : `\n        relationships: [{ to: table_${index - 1}.id }]`}
      - name: placed_at
        logicalType: timestamp
        required: true
${names.map((name, at) => `      - name: ${name}${FIELDS[at % FIELDS.length]!(name, at)}`).join('\n')}
slaProperties:
  - property: latency
    value: 3
    unit: h
    element: table_${index}.placed_at
    scheduler: cron
    schedule: 0 * * * *
  - property: retention
    value: 2
    unit: y
`
}
