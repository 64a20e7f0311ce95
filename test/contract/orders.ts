/** A complete contract in ODCS 3.2, as a team would write it. */
export const ORDERS = `apiVersion: v3.2.0
kind: DataContract
id: orders-placed
name: Orders placed
version: 1.4.0
status: active
domain: sales
dataProduct: orders
tenant: shop
tags: [stream, pii]
description:
  purpose: Every order at the moment a customer places it.
  usage: Forecasts, fraud scoring.
  limitations: Orders of the last 90 days only.
servers:
  - server: production
    type: kafka
    host: kafka.example.com:9092
    format: json
team:
  name: checkout
  members:
    - username: ada
      role: Owner
schema:
  - name: orders
    physicalName: orders.placed
    physicalType: topic
    logicalType: object
    description: One row an order.
    customProperties:
      - property: covenant.stream
        value:
          key: [shopId, orderId]
          eventTime: placedAt
    quality:
      - metric: rowCount
        mustBeGreaterThan: 0
        schedule: 0 * * * *
        scheduler: cron
      - id: few-repeats
        metric: duplicateValues
        arguments:
          properties: [shopId, orderId]
        unit: percent
        mustBeLessOrEqualTo: 0.1
        severity: warning
        dimension: uniqueness
      - name: no orders from tomorrow
        type: sql
        query: SELECT count(*) FROM {object} WHERE placedAt > now()
        mustBe: 0
    properties:
      - name: shopId
        logicalType: string
        required: true
        primaryKey: true
        primaryKeyPosition: 1
        logicalTypeOptions:
          pattern: ^[A-Z]{3}$
      - name: orderId
        logicalType: integer
        required: true
        unique: true
        primaryKey: true
        primaryKeyPosition: 2
        logicalTypeOptions:
          minimum: 1
          format: u32
        transformSourceObjects: [shop.orders]
      - name: placedAt
        logicalType: timestamp
        required: true
        description: When the customer pressed the button.
        logicalTypeOptions:
          minimum: 2013-01-01T00:00:00Z
        transformSourceObjects: [shop.orders, shop.sessions]
      - name: deliverOn
        logicalType: date
        logicalTypeOptions:
          minimum: 2013-01-01
          maximum: 2099-12-31
      - name: amount
        logicalType: number
        required: true
        logicalTypeOptions:
          minimum: 0
          multipleOf: 0.01
        quality:
          - type: library
            metric: nullValues
            mustBeBetween: [0, 5]
            unit: percent
          - type: text
            description: Somebody looks at it once a month.
      - name: currency
        logicalType: string
        required: true
        enum:
          - value: EUR
            label: Euro
          - value: USD
      - name: address
        logicalType: object
        logicalTypeOptions:
          required: [city]
        properties:
          - name: city
            logicalType: string
          - name: zip
            logicalType: string
            logicalTypeOptions:
              minLength: 4
              maxLength: 10
      - name: lines
        logicalType: array
        logicalTypeOptions:
          minItems: 1
          maxItems: 100
        items:
          logicalType: object
          required: true
          properties:
            - name: sku
              logicalType: string
              required: true
            - name: count
              logicalType: integer
      - name: labels
        logicalType: map
        map:
          key:
            logicalType: string
          value:
            logicalType: string
            required: true
slaProperties:
  - property: freshness
    value: 3
    unit: h
    element: orders.placed.placedAt
    scheduler: cron
    schedule: 0 */6 * * *
  - property: retention
    value: 2
    unit: years
    element: orders
  - property: availability
    value: 99.9
    unit: percent
`
