import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { Pay } from './plan.ts'

export interface ReplayOptions {
  file: string
  invoices: number
  shoppers: number
  pay: Pay
  /** Takes the year over as history, instead of living through it. */
  history: boolean
  /** The test provider's ledger, where it is in reach. */
  ledger: string | undefined
  url: URL
  currency: string
  tag: string
  run: string
  admin: { email: string; password: string }
}

export const USAGE = `npm run replay -- FILE [options]
  Replays the invoices of a CSV file (gzip or not) against a running shop and compares its numbers with the file.
  Start the shop on an empty DATA_DIR with RATE_LIMITS=off BCRYPT_COST=4 CURRENCY=GBP.

  --invoices N     the first N sales only
  --shoppers 32    how many shop at the same time
  --pay cash       or card: then every fifth order is paid by card, some only after refusals, questions of the
                   bank or a silence, and cancelled invoices that match a part of one become refunds and returns
  --history        take the sales over as orders of another shop, with their dates, and compare month by month
  --ledger PATH    with --pay card: the shop's test-provider.db, whose sums are compared, too
  --url http://localhost:8000
  --currency GBP   of the prices in the file; the shop's CURRENCY
  --tag TEXT       sets this replay apart from an earlier one in the same shop (letters and digits)
  Staff sign in with ADMIN_EMAIL and ADMIN_PASSWORD of the environment, or their defaults.`

/** Reads the command line; throws with a sentence when it is not understood. */
export function readOptions(args: string[], environment: Record<string, string | undefined>): ReplayOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      invoices: { type: 'string' },
      shoppers: { type: 'string', default: '32' },
      pay: { type: 'string', default: 'cash' },
      history: { type: 'boolean', default: false },
      ledger: { type: 'string' },
      url: { type: 'string', default: 'http://localhost:8000' },
      currency: { type: 'string', default: 'GBP' },
      tag: { type: 'string', default: '' },
    },
  })
  const [file] = positionals
  if (file === undefined || positionals.length > 1) throw new Error('Name one file.')
  if (!/^[A-Za-z0-9]{0,16}$/.test(values.tag)) throw new Error('--tag takes up to 16 letters and digits.')
  if (values.pay !== 'cash' && values.pay !== 'card') throw new Error('--pay takes cash or card.')
  if (values.ledger !== undefined && values.pay === 'cash') throw new Error('--ledger goes with --pay card.')
  if (values.history && values.pay === 'card')
    throw new Error('--history knows no payments: leave --pay out.')
  return {
    file,
    pay: values.pay,
    history: values.history,
    ledger: values.ledger,
    invoices: values.invoices === undefined ? Number.POSITIVE_INFINITY : whole('--invoices', values.invoices),
    shoppers: whole('--shoppers', values.shoppers),
    url: new URL(values.url),
    currency: values.currency,
    tag: values.tag === '' ? '' : `-${values.tag}`,
    run: randomUUID(),
    admin: {
      email: environment.ADMIN_EMAIL || 'admin@ecommerce.com',
      password: environment.ADMIN_PASSWORD || 'admin123',
    },
  }
}

function whole(name: string, text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new Error(`${name} takes a whole number from 1.`)
  return Number(text)
}
