/**
 * Who may import whom. The rooms are those of ARCHITECTURE.md; each rule here is proven by a fixture in
 * tests/architecture/fixtures/house that breaks it.
 *
 * TypeScript 7 has no programming interface for tools, so the sources are parsed with swc.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const root = __dirname;

/** Tests, and helpers that only tests use, see everything that their package declares. */
const TEST_FILE = '\\.test(-support)?\\.tsx?$';
const WORKSPACE = '^(packages|apps|tests|bench|scripts)/';

const ENGINES = '^packages/engines/';
const CORE = '^packages/core/';
const PORTS = '^packages/ports/';
const CONTRACTS = '^packages/contracts/';
const IDENTITY = '^packages/identity/';
const CLIENT = '^packages/client/';

const engine = (name) => `^packages/engines/${name}/`;

/**
 * The rooms of the house: where each lies and what it may import beside itself.
 * Where one rule covers many packages, `own` says which is the importing file's own (`$1` as captured by `from`).
 */
const rooms = [
  { name: 'core-imports-nothing', from: CORE, may: [] },
  { name: 'ports-import-core-only', from: PORTS, may: [CORE] },
  { name: 'contracts-import-core-only', from: CONTRACTS, may: [CORE] },
  { name: 'identity-imports-vocabulary-only', from: IDENTITY, may: [CORE, PORTS, CONTRACTS] },
  { name: 'client-imports-vocabulary-only', from: CLIENT, may: [CORE, CONTRACTS] },
  { name: 'testkit-imports-vocabulary-only', from: '^packages/testkit/', may: [CORE, PORTS, CONTRACTS] },
  {
    name: 'engine-imports-vocabulary-only',
    from: '^packages/engines/(?!models/|trading/|simulation/)([^/]+)/',
    own: '^packages/engines/$1/',
    may: [CORE, CONTRACTS],
  },
  { name: 'models-import-features-only', from: engine('models'), may: [CORE, CONTRACTS, engine('features')] },
  { name: 'trading-imports-features-only', from: engine('trading'), may: [CORE, CONTRACTS, engine('features')] },
  {
    name: 'simulation-imports-its-engines-only',
    from: engine('simulation'),
    may: [CORE, CONTRACTS, engine('matching'), engine('trading'), engine('features')],
  },
  {
    name: 'role-imports-no-adapter-and-no-role',
    from: '^packages/roles/([^/]+)/',
    own: '^packages/roles/$1/',
    may: [CORE, PORTS, CONTRACTS, IDENTITY, ENGINES],
  },
  {
    name: 'adapter-imports-no-role-and-no-adapter',
    from: '^packages/adapters/(?!venue-replay/|venue-simulated/|catalog-parquet/|data-files/)([^/]+)/',
    own: '^packages/adapters/$1/',
    may: [CORE, PORTS, CONTRACTS, ENGINES],
  },
  {
    // The Binance-compatible server is a library that these two venues share; so are the readers of data files.
    name: 'server-venue-imports-its-libraries-only',
    from: '^packages/adapters/(venue-replay|venue-simulated)/',
    own: '^packages/adapters/$1/',
    may: [CORE, PORTS, CONTRACTS, ENGINES, '^packages/adapters/(binance-server|data-files)/'],
  },
  {
    // Parquet is read and written in one room for both.
    name: 'data-adapter-imports-parquet-only',
    from: '^packages/adapters/(catalog-parquet|data-files)/',
    own: '^packages/adapters/$1/',
    may: [CORE, PORTS, CONTRACTS, ENGINES, '^packages/adapters/parquet-duckdb/'],
  },
  { name: 'dashboard-imports-client-only', from: '^apps/dashboard/', may: [CORE, CONTRACTS, CLIENT] },
  { name: 'program-imports-packages-only', from: '^apps/monsta/', may: ['^packages/(?!testkit/)'] },
];

const roomRules = rooms.map(({ name, from, own = from, may }) => ({
  name,
  severity: 'error',
  comment: `Files under ${from} may import, beside their own: ${may.join(', ') || 'nothing'}.`,
  from: { path: from, pathNot: TEST_FILE },
  to: { path: WORKSPACE, pathNot: [own, ...may] },
}));

/**
 * Each vendor's library and the only rooms that may import it. A library that is not in this table may not be
 * imported at all, so that adding one is a decision somebody sees.
 */
const PAGE = '^apps/dashboard/';
const adapter = (...names) => `^packages/adapters/(${names.join('|')})/`;
const vendors = {
  undici: adapter('transport-node'),
  ws: adapter('transport-node', 'http-server-fastify'),
  fastify: adapter('http-server-fastify'),
  '@fastify/static': adapter('http-server-fastify'),
  pino: adapter('telemetry-node'),
  'prom-client': adapter('telemetry-node'),
  kysely: adapter('ledger-sqlite'),
  yazl: adapter('binance-server'),
  ioredis: adapter('cache-redis'),
  '@duckdb/node-api': adapter('parquet-duckdb'),
  '@duckdb/node-bindings': adapter('parquet-duckdb'),
  nodemailer: adapter('notifier-smtp'),
  zod: '^(packages/(contracts|identity|roles|adapters)|apps/monsta)/',
  next: PAGE,
  react: PAGE,
  'react-dom': PAGE,
  'react-i18next': PAGE,
  i18next: PAGE,
  'radix-ui': PAGE,
  '@tanstack/react-query': PAGE,
  'lightweight-charts': PAGE,
  tailwindcss: PAGE,
  '@tailwindcss/postcss': PAGE,
  postcss: PAGE,
  vitest: '^packages/testkit/',
  'fast-check': '^packages/testkit/',
};

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const library = (name) => `(^|/)node_modules/(@types/)?${escape(name)}/`;

const vendorRules = [
  ...Object.entries(vendors).map(([name, home]) => ({
    name: `vendor-${name.replace(/^@/, '').replace('/', '-')}`,
    severity: 'error',
    comment: `${name} is imported only under ${home}.`,
    from: { path: '^(packages|apps)/', pathNot: [home, TEST_FILE] },
    to: { path: library(name) },
  })),
  {
    name: 'vendor-not-in-table',
    severity: 'error',
    comment: 'A library that .dependency-cruiser.cjs does not know: give it a home in the table of vendors.',
    from: { path: '^(packages|apps)/', pathNot: TEST_FILE },
    to: { path: '(^|/)node_modules/', pathNot: Object.keys(vendors).map(library) },
  },
];

/** Node's own modules: pure rooms have none; rooms that take Clock and Transport have no clock and no network. */
const builtinRules = [
  {
    name: 'pure-room-imports-no-builtin',
    severity: 'error',
    comment: 'core, ports, contracts, client and the engines run anywhere and do no I/O.',
    from: { path: '^packages/(core|ports|contracts|client|engines)/', pathNot: TEST_FILE },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'no-builtin-clock-network-or-process',
    severity: 'error',
    comment: 'Roles, identity and venue adapters take Clock, Transport and configuration.',
    from: { path: '^packages/(identity|roles|adapters/venue-)', pathNot: TEST_FILE },
    to: {
      dependencyTypes: ['core'],
      path: '^(node:)?(timers|timers/promises|perf_hooks|process|console|http|https|http2|net|tls|dgram|dns|dns/promises|child_process|cluster|inspector|os)$',
    },
  },
  {
    name: 'sqlite-in-its-adapters-only',
    severity: 'error',
    from: {
      path: '^(packages|apps)/',
      pathNot: ['^packages/adapters/((ledger|secrets)-sqlite|lease-file|jobs-local)/', TEST_FILE],
    },
    to: { path: '^(node:)?sqlite$' },
  },
];

/** For each package, what its package.json declares: a workspace import resolves without it, but must not. */
function workspacePackages() {
  const { workspaces = [] } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  return workspaces
    .flatMap((pattern) => {
      if (!pattern.endsWith('/*')) return [pattern];
      const parent = pattern.slice(0, -2);
      if (!fs.existsSync(path.join(root, parent))) return [];
      return fs.readdirSync(path.join(root, parent)).map((name) => `${parent}/${name}`);
    })
    .filter((folder) => fs.existsSync(path.join(root, folder, 'package.json')))
    .map((folder) => {
      const manifest = JSON.parse(fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
      const { dependencies = {}, devDependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifest;
      return {
        folder,
        name: manifest.name,
        dependencies: Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }),
        devDependencies: Object.keys(devDependencies),
      };
    });
}

const sharedTools = Object.keys(
  JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).devDependencies ?? {},
);
const packages = workspacePackages();
const folderOf = new Map(packages.map(({ name, folder }) => [name, folder]));
const folders = (names) => names.flatMap((name) => (folderOf.has(name) ? [`^${folderOf.get(name)}/`] : []));

const undeclaredRules = packages.flatMap(({ folder, dependencies, devDependencies }) => [
  {
    name: 'undeclared-workspace-dependency',
    severity: 'error',
    comment: `${folder}/package.json does not declare the package imported here under dependencies.`,
    from: { path: `^${folder}/`, pathNot: TEST_FILE },
    to: { path: '^(packages|apps)/', pathNot: [`^${folder}/`, ...folders(dependencies)] },
  },
  {
    name: 'undeclared-workspace-dependency-of-test',
    severity: 'error',
    comment: `${folder}/package.json declares the package imported here neither under dependencies nor devDependencies.`,
    from: { path: `^${folder}/.*${TEST_FILE}` },
    to: { path: '^(packages|apps)/', pathNot: [`^${folder}/`, ...folders([...dependencies, ...devDependencies])] },
  },
]);

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: 'engine-takes-only-types-of-contracts',
      severity: 'error',
      from: { path: ENGINES, pathNot: TEST_FILE },
      to: { path: CONTRACTS, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-imports-apps',
      severity: 'error',
      comment: 'An app is where things are put together; only another test of the whole may look inside.',
      // The page of all settings is written from the program's own schema.
      from: { path: WORKSPACE, pathNot: ['^apps/', '^tests/', '^bench/', '^scripts/configuration-docs\\.ts$'] },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-do-not-import-each-other',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { path: '^(packages|apps|scripts)/', pathNot: TEST_FILE },
      to: { path: ['^(tests|bench)/', TEST_FILE] },
    },
    {
      name: 'testkit-in-tests-only',
      severity: 'error',
      from: { path: '^(packages|apps|scripts)/', pathNot: ['^packages/testkit/', TEST_FILE] },
      to: { path: '^packages/testkit/' },
    },
    {
      name: 'no-relative-import-of-another-package',
      severity: 'error',
      comment: "A package's face is its exports: import it by name.",
      from: { path: '^(packages/(?:(?:engines|roles|adapters)/)?[^/]+|apps/[^/]+)/' },
      to: {
        path: '^(packages|apps)/',
        pathNot: '^$1/',
        dependencyTypes: ['local'],
        dependencyTypesNot: ['aliased-workspace'],
      },
    },
    {
      name: 'no-path-into-a-package',
      severity: 'error',
      comment: "tests, bench and scripts too import a package by name; an app's own files they may start by path.",
      from: { path: '^(tests|bench|scripts)/' },
      to: { path: '^packages/', dependencyTypes: ['local'], dependencyTypesNot: ['aliased-workspace'] },
    },
    {
      name: 'not-resolvable',
      severity: 'error',
      comment: "There is no such module, or the package's exports do not offer it (a deep import).",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'undeclared-library',
      severity: 'error',
      comment: 'The library is in no package.json that this file may draw on.',
      from: { path: WORKSPACE, pathNot: [TEST_FILE, '^(tests|bench|scripts)/'] },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    {
      name: 'undeclared-library-of-test',
      severity: 'error',
      comment: "A test may also use what the workspace's own package.json declares for development.",
      from: { path: `^(packages|apps)/.*${TEST_FILE}` },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], pathNot: sharedTools.map(library) },
    },
    ...undeclaredRules,
    ...vendorRules,
    ...builtinRules,
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: '(^|/)node_modules/' },
    // Anchored, so that a library's own dist folder stays visible: hidden, its import would be too.
    exclude: {
      path: [
        '^apps/[^/]+/(dist|\\.next|out)/',
        '^packages/[^/]+/dist/',
        '^packages/[^/]+/[^/]+/dist/',
        '^tests/architecture/fixtures/',
      ],
    },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
  },
};
