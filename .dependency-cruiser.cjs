/**
 * The floors of the house: a folder imports only folders of a lower floor.
 * Folders that share a floor do not import each other, except as listed in `sameFloor` (reasons in ARCHITECTURE.md).
 */
const floors = [
  ['core'],
  ['access', 'problem', 'data', 'metrics', 'onnx', 'report', 'web-console'],
  ['engines', 'bundle', 'track'],
  ['analyze', 'prepare'],
  ['train'],
  ['evaluate'],
  ['operate'],
  ['workflow', 'server'],
  ['cli'],
  ['testing'],
]
/** from -> to: allowed although both live on one floor. */
const sameFloor = { problem: ['metrics'] }
const src = 'packages/fivefold/src'

const floorRules = floors.flatMap((folders, floor) =>
  folders.map((folder) => {
    const lower = floors.slice(0, floor).flat()
    const allowed = [folder, ...lower, ...(sameFloor[folder] ?? [])]
    return {
      name: `floor-${folder}`,
      comment: `${folder}/ stands on floor ${floor}: it may import ${allowed.join(', ')} only`,
      severity: 'error',
      from: { path: `^${src}/${folder}/`, pathNot: '\\.(test|reference)\\.ts$' },
      to: { path: `^${src}/`, pathNot: `^${src}/(${allowed.join('|')})/` },
    }
  }),
)

/** The rooms of `operate`: each imports only those before it. */
const rooms = ['prediction-log', 'monitor', 'rollout', 'serving', 'deploy']
const roomRules = rooms.slice(0, -1).map((room, at) => {
  const later = rooms.slice(at + 1)
  return {
    name: `operate-${room}`,
    comment: `operate/${room}/ may not import ${later.join(', ')}`,
    severity: 'error',
    from: { path: `^${src}/operate/${room}/`, pathNot: '\\.test\\.ts$' },
    to: { path: `^${src}/operate/(${later.join('|')})/` },
  }
})

module.exports = {
  forbidden: [
    ...floorRules,
    ...roomRules,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'engines-are-pure',
      comment: 'Engines know nothing of files, HTTP or tracking',
      severity: 'error',
      from: { path: `^${src}/engines/`, pathNot: '\\.(test|reference)\\.ts$' },
      to: { path: '^(node:)?(fs|http|https|net)(/|$)' },
    },
    {
      name: 'engines-apart',
      comment: 'One engine does not import another',
      severity: 'error',
      from: { path: `^${src}/engines/([^/]+)/` },
      to: { path: `^${src}/engines/`, pathNot: `^${src}/engines/$1/` },
    },
    {
      name: 'enter-by-the-door',
      comment: 'Another folder is used through its index.ts, not by reaching into its rooms',
      severity: 'error',
      from: { path: `^${src}/([^/]+)/`, pathNot: '\\.(test|reference)\\.ts$' },
      to: { path: `^${src}/[^/]+/`, pathNot: [`^${src}/$1/`, '/index\\.ts$', `^${src}/core/`] },
    },
    {
      name: 'console-apart',
      comment: 'The console knows the server by its wire alone',
      severity: 'error',
      from: { path: '^packages/console/' },
      to: { path: `^${src}/` },
    },
    {
      name: 'no-dev-dependency',
      severity: 'error',
      from: { path: `^${src}/`, pathNot: '\\.(test|reference)\\.ts$' },
      // An optional peer is installed here for the tests alone.
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], pathNot: '^node_modules/@aws-sdk/client-s3/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
  },
}
