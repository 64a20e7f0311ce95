// The import rules of ARCHITECTURE.md, checked by `npm run check:imports`. The stage list is the only thing to edit.
const stages = require('./stages.cjs')

const anyOf = (names) => `(${names.join('|')})`
const drivers = { kafka: '@platformatic/kafka', postgres: 'pg', redis: 'ioredis', s3: '@aws-sdk' }
const embeddedDrivers = anyOf(['@duckdb', 'onnxruntime-node'])

const noLaterStage = stages.slice(0, -1).map((stage, index) => ({
  name: `${stage}-knows-no-later-stage`,
  comment: 'A stage knows what lies upstream, never who consumes it.',
  severity: 'error',
  from: { path: `^src/${stage}/`, pathNot: '\\.test\\.ts$' },
  to: { path: `^src/${anyOf(stages.slice(index + 1))}/` },
}))

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...noLaterStage,
    {
      name: 'stage-front-door-only',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: ['^src/adapters/', '\\.test\\.ts$'] },
      to: { path: `^src/${anyOf(stages)}/`, pathNot: ['^src/$1/', '/index\\.ts$'] },
    },
    {
      name: 'kernel-imports-nothing',
      severity: 'error',
      from: { path: '^src/kernel/' },
      to: { path: '^src/', pathNot: '^src/kernel/' },
    },
    {
      name: 'only-runtime-imports-adapters',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(adapters|runtime)/', '\\.test\\.ts$'] },
      to: { path: '^src/adapters/' },
    },
    {
      name: 'adapter-sees-ports-and-kernel',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: ['^src/adapters/$1/', '^src/kernel/', '/ports\\.ts$'] },
    },
    ...Object.entries(drivers).map(([adapter, driver]) => ({
      name: `driver-${adapter}-only-in-its-adapter`,
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/adapters/${adapter}/` },
      to: { path: `(^|node_modules/)${driver}(/|$)` },
    })),
    {
      name: 'embedded-drivers-only-in-their-adapter',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/adapters/embedded/', '\\.test\\.ts$'] },
      to: { path: `(^|node_modules/)${embeddedDrivers}(/|$)` },
    },
    {
      name: 'nobody-imports-the-edges',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|http)/' },
      to: { path: '^src/(cli|http)/' },
    },
    {
      name: 'public-api-has-no-runtime',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^src/(runtime|adapters|cli|http)/', reachable: true },
    },
    {
      name: 'examples-use-the-package',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^src/', pathNot: ['^src/index\\.ts$', '^src/(runtime|http)/index\\.ts$'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      conditionNames: ['covenant-source', 'import', 'require', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
}
