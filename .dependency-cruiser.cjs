/**
 * The direction of imports. A folder of src may import itself and what this table names, nothing else;
 * test/architecture.test.ts reads the same table.
 */
const MAY_IMPORT = require('./scripts/lib/may-import.json')

/** Packages are the outside world; a folder that is not named here imports none. */
const MAY_IMPORT_PACKAGES = { config: ['yaml'], adapters: ['.*'], cli: ['.*'], daemon: ['node-cron'] }

const directions = Object.entries(MAY_IMPORT).map(([folder, others]) => ({
  name: `${folder}-imports-only-${others.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...others].join('|')})/` },
}))

const packages = Object.keys(MAY_IMPORT).map((folder) => ({
  name: `${folder}-packages`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: {
    dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
    pathNot: (MAY_IMPORT_PACKAGES[folder] ?? ['(?!)']).map((name) => `node_modules/${name}/`),
  },
}))

module.exports = {
  forbidden: [
    ...directions,
    ...packages,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['dynamic-import'] } } },
    { name: 'no-missing-files', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'adapters-only-in-compose',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/adapters/', '^src/daemon/compose[^/]*\\.ts$'] },
      to: { path: '^src/adapters/' },
    },
    {
      name: 'no-development-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['^src/main\\.ts$', '\\.d\\.ts$'] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
}
