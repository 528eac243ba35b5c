// Who may import whom: the table of ARCHITECTURE.md. tools/check.test.ts plants forbidden imports and expects these names.
const CAPABILITY = '^src/shop/([^/]+)/'
const TEST = '\\.test\\.ts$'

/** @type {import('dependency-cruiser').IConfiguration} */
// biome-ignore lint/style/noDefaultExport: the tool asks for it
export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: [TEST, '^src/boot\\.mjs$'] },
      to: {},
    },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'kernel-knows-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/kernel/' },
      to: { path: '^src/', pathNot: '^src/kernel/' },
    },
    {
      name: 'rules-are-pure',
      severity: 'error',
      from: { path: '^src/shop/[^/]+/[^/]*rules\\.ts$' },
      to: {
        pathNot: [
          '^src/kernel/(errors|ids|money|event|principal)\\.ts$',
          `^src/shop/[^/]+/[^/]*(schema|rules|steps)\\.ts$`,
        ],
      },
    },
    {
      name: 'schema-knows-ports-and-typebox',
      severity: 'error',
      from: { path: '^src/shop/[^/]+/[^/]*schema\\.ts$' },
      to: {
        pathNot: [
          '^src/kernel/',
          '^src/storage/(storage|stock|stock-event|listing|roll-ups|outbox)\\.ts$',
          '^src/payments/provider\\.ts$',
          '^src/media/media\\.ts$',
          '^src/shop/[^/]+/[^/]*schema\\.ts$',
          'node_modules/typebox/',
        ],
      },
    },
    {
      name: 'capabilities-use-other-doors-only',
      severity: 'error',
      from: { path: CAPABILITY, pathNot: TEST },
      to: { path: '^src/shop/[^/]+/', pathNot: ['^src/shop/$1/', '^src/shop/([^/]+)/(\\1|schema)\\.ts$'] },
    },
    {
      name: 'operations-know-no-http',
      severity: 'error',
      from: { path: '^src/shop/', pathNot: ['routes\\.ts$', TEST] },
      to: { path: ['^src/http/', 'node_modules/fastify/', 'node_modules/@fastify/'] },
    },
    {
      name: 'shop-knows-no-engine',
      severity: 'error',
      from: { path: '^src/shop(/|\\.ts$)', pathNot: TEST },
      to: {
        path: [
          '^src/storage/(sqlite|mongo)/',
          '^src/stream/(embedded|kafka)/',
          '^src/(payments|media|mail)/[^/]+/',
        ],
      },
    },
    {
      name: 'routes-know-doors-only',
      severity: 'error',
      from: { path: '^src/shop/[^/]+/.*routes\\.ts$' },
      to: { path: ['^src/storage/', '^src/stream/'] },
    },
    {
      name: 'engines-know-ports-only',
      severity: 'error',
      from: { path: '^src/(storage|stream)/', pathNot: TEST },
      to: { path: ['^src/shop', '^src/http/', '^src/[^/]+\\.ts$'] },
    },
    {
      name: 'providers-know-their-port-only',
      severity: 'error',
      from: { path: '^src/payments/([^/]+)', pathNot: TEST },
      to: {
        path: '^src/',
        pathNot: ['^src/kernel/', '^src/payments/provider\\.ts$', '^src/payments/$1(/|$)'],
      },
    },
    {
      name: 'media-engines-know-their-port-only',
      severity: 'error',
      from: { path: '^src/media/([^/]+)', pathNot: TEST },
      to: {
        path: '^src/',
        pathNot: ['^src/kernel/', '^src/media/[^/]+\\.ts$', '^src/media/$1(/|$)'],
      },
    },
    {
      name: 'image-drivers-in-their-engines-only',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/media/[^/]+/', TEST] },
      to: { path: ['node_modules/sharp/', 'node_modules/cloudinary/'] },
    },
    {
      name: 'mailers-know-their-port-only',
      severity: 'error',
      from: { path: '^src/mail/([^/]+)', pathNot: TEST },
      to: {
        path: '^src/',
        pathNot: ['^src/kernel/', '^src/mail/[^/]+\\.ts$', '^src/mail/$1/'],
      },
    },
    {
      name: 'mail-in-its-engines-only',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/mail/', TEST] },
      to: { path: 'node_modules/nodemailer/' },
    },
    {
      name: 'storage-engines-apart',
      severity: 'error',
      from: { path: '^src/storage/(sqlite|mongo)/', pathNot: TEST },
      to: { path: ['^src/storage/(sqlite|mongo)/', '^src/stream/'], pathNot: '^src/storage/$1/' },
    },
    {
      name: 'stream-engines-apart',
      severity: 'error',
      from: { path: '^src/stream/(embedded|kafka)/', pathNot: TEST },
      to: {
        path: ['^src/stream/(embedded|kafka)/', '^src/storage/(sqlite|mongo)/'],
        pathNot: '^src/stream/$1/',
      },
    },
    {
      name: 'http-knows-no-shop',
      severity: 'error',
      from: { path: '^src/http/', pathNot: TEST },
      to: { path: ['^src/shop', '^src/stream/', '^src/storage/(sqlite|mongo)/'] },
    },
    {
      name: 'sqlite-in-its-engines-only',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['^src/storage/sqlite/', '^src/stream/embedded/', '^src/payments/test-provider/', TEST],
      },
      to: { path: '^node:sqlite$' },
    },
    {
      name: 'main-is-imported-by-nobody',
      severity: 'error',
      from: { pathNot: '^src/boot\\.mjs$' },
      to: { path: '^src/main\\.ts$' },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { path: ['^test/', '^bench/', '^tools/', TEST] },
    },
    {
      name: 'checker-shares-no-code-with-the-product',
      severity: 'error',
      from: { path: '^test/crash/check' },
      to: { path: '^src/' },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}
