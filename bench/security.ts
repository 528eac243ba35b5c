import { atMost, type Benchmark, type Row, whole } from './row.ts'
import { call } from './support/client.ts'
import { inTurn, load, median } from './support/load.ts'
import { mixedLogin } from './support/login.ts'
import { startShop } from './support/process.ts'
import { seededFolder } from './support/seed.ts'

const STORM = 32
/** Far more than can be hashed; most are turned away. */
const LOGINS_PER_SECOND = 100
const READS_PER_SECOND = 1_000

/** A login storm with bcrypt 12 beside readers; and whether unknown e-mails and wrong passwords take the same time. */
export const security: Benchmark = async ({ seconds }) => {
  const { directory, ids } = await seededFolder(10_000)
  const shop = await startShop({ directory, environment: { BCRYPT_COST: '12' } })
  const round = inTurn(ids.slice(0, 1_000).map((id) => ({ path: `/products/${id}` })))
  const reading = load({ url: shop.url, seconds, round, rate: READS_PER_SECOND, connections: 16 })
  const storming = load({
    url: shop.url,
    seconds,
    round: (number) => [
      {
        method: 'POST',
        path: '/auth/login',
        body: { email: `nobody-${number}@example.org`, password: 'certainly-wrong' },
      },
    ],
    rate: LOGINS_PER_SECOND,
    connections: STORM,
    refused: 'expected',
  })
  const [reads, logins] = await Promise.all([reading, storming])
  const account = { email: `known-${Date.now()}@example.org`, password: 'engine-1843', name: 'Ada' }
  await call(shop.url, { method: 'POST', path: '/auth/register', body: account })
  const times = { unknown: [] as number[], wrong: [] as number[] }
  for (let round = 0; round < 15; round++) {
    times.unknown.push(await mixedLogin(shop.url, `unknown-${round}@example.org`))
    times.wrong.push(await mixedLogin(shop.url, account.email))
  }
  await shop.stop()
  const [unknown, wrong] = [median(times.unknown), median(times.wrong)]
  const difference = (100 * Math.abs(unknown - wrong)) / wrong
  const rows: Row[] = [
    atMost(
      `GET /products/{id} at 1,000/s during a login storm (${whole(logins.failed)} attempts), p99`,
      reads.p99_ms,
      20,
      'ms',
    ),
    atMost(
      `login, unknown e-mail (${unknown.toFixed(0)} ms) against wrong password (${wrong.toFixed(0)} ms)`,
      difference,
      10,
      '% apart',
    ),
  ]
  return rows
}
