import { setTimeout as pause } from 'node:timers/promises'
import { type Client, createClient, type Json } from './client.ts'
import { eachOf } from './crowd.ts'
import { compareMonths, monthsOf } from './history-months.ts'
import { customersOf, emailOf, historyLines } from './history-orders.ts'
import { type Invoice, invoicesOf } from './invoices.ts'
import type { ReplayOptions } from './options.ts'
import { printVerdict, showProgress } from './report.ts'
import { readRows } from './rows.ts'
import { type Staff, said, staffOf } from './staff.ts'
import { createTally } from './tally.ts'

const PASSWORD = 'a shopper of the replay'
const SPARE_CONNECTIONS = 2
const POLL_MS = 250

/** Takes the sales of a file over as orders of another shop; true when the shop's months then equal those of the file. */
export async function replayHistory(options: ReplayOptions): Promise<boolean> {
  const tally = createTally()
  const client = createClient({ url: options.url, connections: options.shoppers + SPARE_CONNECTIONS, tally })
  try {
    const staff = staffOf(client, options.admin)
    console.log(`Reading ${options.file} …`)
    const invoices = await invoicesOf(readRows(options.file), options.invoices)
    const sales = invoices.filter(({ cancels, quantities }) => !cancels && quantities.size > 0)
    await makeAccounts(client, customersOf(sales), options)
    const job = await importOrders(client, staff, sales, options)
    console.log(`\n${summaryOf(job, (performance.now() - tally.started_ms) / 1_000)}`)
    for (const { key, code, message } of job.verdicts) tally.problem(`order ${key}: ${code} ${message}`)
    const expected = await monthsOf(readRows(options.file), new Set(sales.map(({ number }) => number)))
    return printVerdict(await compareMonths(client, staff, expected, options), tally)
  } finally {
    client.close()
  }
}

async function makeAccounts(
  client: Client,
  customers: readonly string[],
  options: ReplayOptions,
): Promise<void> {
  const progress = showProgress('Accounts', customers.length)
  let done = 0
  await eachOf(customers, options.shoppers, async (customer) => {
    const body = { email: emailOf(customer, options), password: PASSWORD, name: `Customer ${customer}` }
    const answer = await client.call({ method: 'POST', path: '/auth/register', body })
    // Whoever is there already has been taken over before.
    if (answer.status !== 201 && answer.status !== 409)
      throw new Error(`${body.email} could not sign up: ${said(answer)}`)
    progress.update(++done)
  })
  progress.stop()
}

/** The job when it is over, with the first of the verdicts that refuse. */
async function importOrders(
  client: Client,
  staff: Staff,
  sales: Invoice[],
  options: ReplayOptions,
): Promise<Json> {
  const upload = await fetch(new URL('/orders/import', options.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${await staff()}`, 'content-type': 'application/x-ndjson' },
    body: ReadableStream.from(historyLines(sales, options)),
    duplex: 'half',
  } as RequestInit)
  const taken = (await upload.json()) as Json
  if (upload.status !== 202)
    throw new Error(`The orders were not taken: ${said({ ...upload, json: taken } as never)}`)
  const progress = showProgress('Orders', taken.rows)
  for (;;) {
    const path = `/admin/jobs/${taken.id}?result=refused`
    const { status, json } = await client.call({ method: 'GET', path, token: await staff() })
    if (status !== 200) throw new Error(`GET ${path} answered ${status}`)
    progress.update(json.rows_done)
    if (json.finished_at !== null) {
      progress.stop()
      return json
    }
    await pause(POLL_MS)
  }
}

function summaryOf({ results, rows }: Json, seconds: number): string {
  const { created, unchanged, refused } = results
  const rate = Math.round(rows / seconds).toLocaleString('en')
  return `${seconds.toFixed(1)} s, ${rate} orders/s: ${created} taken over, ${unchanged} known before, ${refused} refused`
}
