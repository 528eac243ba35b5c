import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, test } from 'node:test'

const root = resolve(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'tradewind-rules-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** A small house that keeps every rule; each case plants one import into it. */
const HOUSE: Record<string, string> = {
  'src/kernel/clock.ts': 'export const now = 1\n',
  'src/kernel/errors.ts': 'export const refusal = 1\n',
  'src/http/app.ts': "import { now } from '../kernel/clock.ts'\nexport const app = now\n",
  'src/storage/storage.ts': "import { now } from '../kernel/clock.ts'\nexport const port = now\n",
  'src/storage/sqlite/sqlite-storage.ts':
    "import { port } from '../storage.ts'\nexport const sqlite = port\n",
  'src/stream/stream.ts': "import { now } from '../kernel/clock.ts'\nexport const log = now\n",
  'src/stream/embedded/embedded-log.ts': "import { log } from '../stream.ts'\nexport const embedded = log\n",
  'src/payments/provider.ts': "import { now } from '../kernel/clock.ts'\nexport const provider = now\n",
  'src/payments/test-provider/test-provider.ts':
    "import { provider } from '../provider.ts'\nexport const tests = provider\n",
  'src/media/media.ts': "import { now } from '../kernel/clock.ts'\nexport const media = now\n",
  'src/media/disk/disk-store.ts': "import { media } from '../media.ts'\nexport const disk = media\n",
  'src/mail/mailer.ts': "import { now } from '../kernel/clock.ts'\nexport const mailer = now\n",
  'src/mail/smtp/smtp-mailer.ts': "import { mailer } from '../mailer.ts'\nexport const smtp = mailer\n",
  'src/shop/orders/schema.ts':
    "import { refusal } from '../../kernel/errors.ts'\nexport const schema = refusal\n",
  'src/shop/orders/rules.ts': "import { schema } from './schema.ts'\nexport const rules = schema\n",
  'src/shop/orders/orders.ts': "import { rules } from './rules.ts'\nexport const orders = rules\n",
  'src/shop/orders/routes.ts':
    "import { app } from '../../http/app.ts'\nimport { orders } from './orders.ts'\nexport const routes = [app, orders]\n",
  'src/shop/carts/carts.ts': "import { place } from './inside.ts'\nexport const carts = place\n",
  'src/shop/carts/inside.ts': 'export const place = 1\n',
  'src/shop.ts':
    "import { carts } from './shop/carts/carts.ts'\nimport { routes } from './shop/orders/routes.ts'\nexport const shop = [carts, routes]\n",
  'src/main.ts':
    "import { shop } from './shop.ts'\nimport { sqlite } from './storage/sqlite/sqlite-storage.ts'\nimport { embedded } from './stream/embedded/embedded-log.ts'\nimport { tests } from './payments/test-provider/test-provider.ts'\nimport { disk } from './media/disk/disk-store.ts'\nimport { smtp } from './mail/smtp/smtp-mailer.ts'\nexport const main = [shop, sqlite, embedded, tests, disk, smtp]\n",
  'src/boot.mjs': "await import('./main.ts')\n",
}

const FORBIDDEN: [rule: string, file: string, imported: string][] = [
  ['kernel-knows-nothing-of-ours', 'src/kernel/errors.ts', '../storage/storage.ts'],
  ['rules-are-pure', 'src/shop/orders/rules.ts', '../../kernel/clock.ts'],
  ['rules-are-pure', 'src/shop/orders/rules.ts', 'node:fs'],
  ['rules-are-pure', 'src/shop/orders/rules.ts', 'lru-cache'],
  ['schema-knows-ports-and-typebox', 'src/shop/orders/schema.ts', '../../http/app.ts'],
  ['capabilities-use-other-doors-only', 'src/shop/orders/orders.ts', '../carts/inside.ts'],
  ['operations-know-no-http', 'src/shop/orders/orders.ts', 'fastify'],
  ['shop-knows-no-engine', 'src/shop/orders/orders.ts', '../../storage/sqlite/sqlite-storage.ts'],
  ['shop-knows-no-engine', 'src/shop.ts', './stream/embedded/embedded-log.ts'],
  ['routes-know-doors-only', 'src/shop/orders/routes.ts', '../../storage/storage.ts'],
  ['engines-know-ports-only', 'src/storage/sqlite/sqlite-storage.ts', '../../shop/orders/rules.ts'],
  ['storage-engines-apart', 'src/storage/sqlite/sqlite-storage.ts', '../../stream/stream.ts'],
  ['stream-engines-apart', 'src/stream/embedded/embedded-log.ts', '../../storage/sqlite/sqlite-storage.ts'],
  ['shop-knows-no-engine', 'src/shop.ts', './payments/test-provider/test-provider.ts'],
  ['providers-know-their-port-only', 'src/payments/provider.ts', '../storage/storage.ts'],
  [
    'providers-know-their-port-only',
    'src/payments/test-provider/test-provider.ts',
    '../../shop/orders/rules.ts',
  ],
  ['shop-knows-no-engine', 'src/shop.ts', './media/disk/disk-store.ts'],
  ['media-engines-know-their-port-only', 'src/media/disk/disk-store.ts', '../../storage/storage.ts'],
  ['image-drivers-in-their-engines-only', 'src/shop/orders/orders.ts', 'sharp'],
  ['shop-knows-no-engine', 'src/shop.ts', './mail/smtp/smtp-mailer.ts'],
  ['mailers-know-their-port-only', 'src/mail/smtp/smtp-mailer.ts', '../../storage/storage.ts'],
  ['mail-in-its-engines-only', 'src/shop/orders/orders.ts', 'nodemailer'],
  ['http-knows-no-shop', 'src/http/app.ts', '../shop/orders/rules.ts'],
  ['sqlite-in-its-engines-only', 'src/shop/orders/orders.ts', 'node:sqlite'],
  ['main-is-imported-by-nobody', 'src/shop/carts/carts.ts', '../../main.ts'],
  ['no-cycles', 'src/shop/carts/inside.ts', './carts.ts'],
]

function violations(plant?: { file: string; imported: string }): string[] {
  for (const [path, text] of Object.entries(HOUSE)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(
      join(folder, path),
      plant?.file === path
        ? `import * as planted from '${plant.imported}'\n${text}export const use = planted\n`
        : text,
    )
  }
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const command = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
  const options = [command, '--config', join(root, '.dependency-cruiser.mjs'), '--output-type', 'json', 'src']
  const report = JSON.parse(
    execFileSync(process.execPath, options, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  )
  return report.summary.violations.map((violation: { rule: { name: string } }) => violation.rule.name)
}

test('a house that keeps the rules has no violation', () => {
  assert.deepEqual(violations(), [])
})

for (const [rule, file, imported] of FORBIDDEN) {
  test(`${file} importing ${imported} is caught by ${rule}`, () => {
    assert.ok(violations({ file, imported }).includes(rule), `${rule} was not reported`)
  })
}
