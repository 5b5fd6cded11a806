// Which layer may import which: core <- contract <- engine <- adapters <- hosts (see README, "Where things live").

const layer = (name) => `^src/main/${name}/`;
const only = (name, ...allowed) => ({
  name: `${name}-imports`,
  severity: 'error',
  comment: `${name} may import ${[name, ...allowed].join(', ')} only`,
  from: { path: layer(name) },
  to: { path: '^src/', pathNot: [name, ...allowed].map(layer) },
});
const ADAPTED = ['core', 'contract', 'engine', 'platform'];
const adapter = (name) => only(name, ...ADAPTED);
const package_ = (name, ...homes) => ({
  name: `${name}-stays-at-home`,
  severity: 'error',
  from: { path: '^src/', pathNot: homes },
  to: { path: `node_modules/${name}/` },
});

module.exports = {
  forbidden: [
    only('core'),
    only('contract', 'core'),
    only('engine', 'core', 'contract'),
    only('science', 'core'),
    only('platform', 'contract'),
    {
      name: 'renderer-imports',
      severity: 'error',
      comment: 'the window knows the contract only',
      from: { path: '^src/renderer/' },
      to: { path: '^src/main/', pathNot: '^src/main/contract/' },
    },
    {
      name: 'renderer-stays-outside',
      severity: 'error',
      comment: 'the window is an application of its own',
      from: { path: '^src/main/' },
      to: { path: '^src/renderer/' },
    },
    {
      ...adapter('sources'),
      comment: 'sources are an adapter; they alone know the part that speaks with a Kinect',
      to: { path: '^src/', pathNot: [...ADAPTED.map(layer), layer('sources'), '^src/native/'] },
    },
    {
      name: 'native-imports',
      severity: 'error',
      comment: 'what loads native code knows nothing of Mien',
      from: { path: '^src/native/' },
      to: { path: '^src/', pathNot: '^src/native/' },
    },
    adapter('inference'),
    adapter('store'),
    adapter('exporters'),
    adapter('video'),
    {
      name: 'pure-layers',
      severity: 'error',
      comment: 'core, contract and engine know no Node: time, files and threads are handed in',
      from: { path: '^src/main/(core|contract|engine|science)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'core-needs-nothing',
      severity: 'error',
      from: { path: '^src/main/core/' },
      to: { path: 'node_modules' },
    },
    package_('onnxruntime-node', '^src/main/inference/ort-model\\.ts$'),
    package_('electron', '^src/main/hosts/electron/', '^src/main/hosts/cli/doctor\\.ts$'),
    package_('better-sqlite3', '^src/main/store/'),
    package_(
      'node-av',
      '^src/main/sources/',
      '^src/main/video/',
      '^src/main/hosts/demo/',
      '^src/main/hosts/cli/doctor\\.ts$',
    ),
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    doNotFollow: { path: 'node_modules' },
  },
};
