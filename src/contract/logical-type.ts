/** ODCS logical types that an event field may have in Covenant. */
export type LogicalType =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'time'
  | 'object'
  | 'array'
  | 'map'
