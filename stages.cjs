/**
 * The stages in the order the data flows: a stage may import the stages before it, never one after it.
 * Read by the import rules, by the documentation test and by the console.
 */
module.exports = [
  'contract',
  'registry',
  'topic',
  'validation',
  'lake',
  'sla',
  'warehouse',
  'features',
  'metadata',
  'pipelines',
  'serving',
  'monitoring',
  'triggers',
]
