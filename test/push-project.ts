/** A project of one contract that pushes to a PostgreSQL database and to folders of producers. */
import { tinyProject } from './tiny-project.ts'

const CONFIG = `import { defineProject } from 'covenant'
export const project = defineProject({
  name: 'shop',
  push: {
    producers: [
      { language: 'typescript', directory: 'producers/ts' },
      { language: 'python', directory: 'producers/py' },
    ],
    databases: [{ server: 'production' }],
  },
})
`

/** Version 1 of the contract; 1.1.0 has a field more, an enum, and knows a rule. */
export function orderContract(version: '1.0.0' | '1.1.0', more = ''): string {
  return `apiVersion: v3.2.0
kind: DataContract
id: shop.orders
name: Orders
version: ${version}
status: active
description: { purpose: What customers ordered. }
servers:
  - server: production
    type: postgres
    host: 127.0.0.1
    port: \${SHOP_PORT}
    database: \${SHOP_DATABASE}
    schema: public
schema:
  - name: orders
    physicalName: shop.orders
    physicalType: topic
    logicalType: object
    properties:
      - name: id
        logicalType: string
        primaryKey: true
        required: true
        logicalTypeOptions: { minLength: 1, maxLength: 20 }
        description: Never used twice.
      - name: price
        logicalType: number
        required: true
        logicalTypeOptions: { minimum: 0, multipleOf: 0.01 }
      - name: lines
        logicalType: array
        logicalTypeOptions: { minItems: 1 }
        items:
          logicalType: object
          properties:
            - name: sku
              logicalType: string
              required: true
              logicalTypeOptions: { pattern: '^[A-Z]{3}-\\d+$' }
${more}${
  version === '1.0.0'
    ? ''
    : `      - name: currency
        logicalType: string
        enum: [{ value: EUR }, { value: USD }]
`
}`
}

/** Makes the project in a temporary folder; its caller removes it. */
export function pushProject(files: Readonly<Record<string, string>> = {}): string {
  return tinyProject({
    'covenant.config.ts': CONFIG,
    'contracts/readings.odcs.yaml': orderContract('1.0.0'),
    ...files,
  })
}
