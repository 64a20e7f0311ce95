/** A contract with two schema objects, one of which refers to the other. */
export const SHOP = `apiVersion: v3.2.0
kind: DataContract
id: shop
name: Shop
version: 2.1.0
status: active
description:
  purpose: What the shop knows.
servers:
  - server: production
    type: postgres
    host: \${DB_HOST}
    port: \${DB_PORT:-5432}
    database: shop
    schema: \${DB_SCHEMA:-public}
team:
  name: checkout
schema:
  - name: customers
    physicalName: shop.customers
    businessName: Customers
    description: One row a customer.
    properties:
      - name: id
        logicalType: integer
        required: true
        primaryKey: true
      - name: since
        logicalType: date
  - id: ord
    name: orders
    customProperties:
      - property: covenant.stream
        value: { eventTime: placedAt }
    properties:
      - name: id
        logicalType: integer
        required: true
        primaryKey: true
      - name: placedAt
        logicalType: timestamp
        required: true
      - name: customerId
        logicalType: integer
        relationships:
          - to: customers.id
slaProperties:
  - property: ly
    value: 3
    unit: h
    element: orders.placedAt
  - property: Retention
    value: 1
    unit: y
    element: orders.placedAt, customers.since
  - property: availability
    value: 99.9
    unit: percent
`
