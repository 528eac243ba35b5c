import { chosenOf } from './chosen.ts'
import { type Client, createClient } from './client.ts'
import { eachOf, inCrowd } from './crowd.ts'
import { expectedOf } from './expected.ts'
import type { ReplayOptions } from './options.ts'
import { type Plan, planOf, type Visit } from './plan.ts'
import { readProviderLedger } from './provider-ledger.ts'
import { printRates, printVerdict, showProgress } from './report.ts'
import { readRows } from './rows.ts'
import { cancelOrders, visitShop } from './shopper.ts'
import type { Shopping } from './shopping.ts'
import { putOnSale, type Staff, staffOf } from './staff.ts'
import { takeBack } from './taking-back.ts'
import { createTally, type Tally } from './tally.ts'
import { compareOrders, compareStats, compareStock, figuresAtRest, readStats } from './verify.ts'
import { compareLedgers, compareProvider } from './verify-money.ts'

const HOUR_MS = 3_600_000
/** Beside the shoppers' connections: staff and a repeat. */
const SPARE_CONNECTIONS = 4

/** Replays a file; true when the shop's own numbers then equal what the file says. */
export async function replay(options: ReplayOptions): Promise<boolean> {
  const tally = createTally()
  const connections = options.shoppers + SPARE_CONNECTIONS
  const client = createClient({ url: options.url, connections, tally })
  try {
    const from = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS).toISOString()
    const staff = staffOf(client, options.admin)
    await figuresAtRest(client)
    const before = await readStats(client, await staff(), from)
    const ledger = options.ledger && { path: options.ledger, before: readProviderLedger(options.ledger) }
    console.log(`Reading ${options.file} …`)
    const plan = await planOf(readRows(options.file), { limit: options.invoices, pay: options.pay })
    const shopping: Shopping = {
      client,
      staff,
      plan,
      articles: await fillShop({ client, staff, plan, options }),
      options,
      tally,
      placed: new Map(),
      accounts: new Map(),
    }
    await makeVisits(shopping, options.shoppers)
    printRates(tally, plan, (performance.now() - tally.started_ms) / 1_000)
    console.log('\nComparing the numbers …')
    const expected = await expectedOf(readRows(options.file), chosenOf(plan))
    const { currency } = options
    const verification = { client, token: await staff(), currency, expected, before, from }
    const findings = [
      ...(await compareStats(verification)),
      ...(await compareOrders(verification, shopping.placed)),
      ...(await compareStock(verification, plan, shopping.articles)),
      ...(await compareLedgers(verification, shopping.placed)),
      ...(ledger ? compareProvider(verification, shopping.placed, ledger) : []),
    ]
    return printVerdict(findings, tally)
  } finally {
    client.close()
  }
}

async function fillShop(filling: { client: Client; staff: Staff; plan: Plan; options: ReplayOptions }) {
  const { client, staff, plan, options } = filling
  const articles: Shopping['articles'][number][] = new Array(plan.items.length)
  const progress = showProgress('Products', plan.products.length)
  let done = 0
  await eachOf(plan.products, options.shoppers, async (product) => {
    await putOnSale({ client, token: await staff(), plan, articles }, product, options)
    progress.update(++done)
  })
  progress.stop()
  return articles
}

async function makeVisits(shopping: Shopping, shoppers: number): Promise<void> {
  const { plan, tally } = shopping
  const progress = showProgress('Visits', plan.visits.length)
  tally.started_ms = performance.now()
  await inCrowd(plan.visits, shoppers, async (visit) => {
    try {
      await makeVisit(shopping, visit)
    } catch (error) {
      tally.problem((error as Error).message)
      stopIfHopeless(tally)
    }
    progress.update(++tally.visits)
  })
  progress.stop()
}

function makeVisit(shopping: Shopping, visit: Visit): Promise<void> {
  if (visit.kind === 'sale') return visitShop(shopping, visit)
  if (visit.kind === 'cancellation') return cancelOrders(shopping, visit)
  return takeBack(shopping, visit)
}

/** A shop that refuses everything is not asked twenty thousand times. */
const MAX_PROBLEMS_AT_START = 100

function stopIfHopeless({ problems, orders }: Tally): void {
  if (problems.length >= MAX_PROBLEMS_AT_START && orders < problems.length) {
    throw new Error(`The shop refuses most visits, for example: ${problems[0]}`)
  }
}
