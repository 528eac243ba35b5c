import { type Try, triesOf } from './card-choices.ts'
import type { Answer } from './client.ts'
import { lookUntil } from './patience.ts'
import { type Account, expect, type PlacedOrder, Refused, type Shopping } from './shopping.ts'
import { said } from './staff.ts'

/** Pays an order by card, as its invoice wants it. Throws when a try comes out otherwise. */
export async function payByCard(shopping: Shopping, order: PlacedOrder, account: Account): Promise<void> {
  const { tally } = shopping
  for (const [number, wanted] of triesOf(order.invoice).entries()) {
    const answer = await tryToPay(shopping, { order, account, wanted, number })
    const what = `The payment of order ${order.id} with ${wanted.method}`
    if (wanted.refused) {
      expect(answer, 422, `${what} was not refused`)
      if (answer.json.code !== 'payment_declined') throw new Refused(`${what}: ${said(answer)}`)
      tally.payments_refused++
      continue
    }
    const { json } = expect(answer, 201, `${what} was refused`)
    if (json.state !== 'succeeded' || json.amount.amount !== order.total)
      throw new Refused(`${what} is ${json.state} over ${json.amount.amount}, not ${order.total}`)
    tally.payments++
  }
}

/** Names a method, does what the browser is asked for, and looks until the payment is settled. */
async function tryToPay(
  shopping: Shopping,
  paying: { order: PlacedOrder; account: Account; wanted: Try; number: number },
): Promise<Answer> {
  const { order, account, wanted, number } = paying
  const { client, options } = shopping
  const ask = (body: object, request: string) =>
    client.call({
      method: 'POST',
      path: `/orders/${order.id}/payments`,
      token: account.token,
      key: `${options.run}-pay-${order.id}-${number}-${request}`,
      body,
    })
  let looks = 0
  let answer = await ask({ method: wanted.method }, 'try')
  if (wanted.says !== undefined) {
    await actInBrowser(shopping, answer, wanted.says === 'yes')
    answer = await ask({}, `look-${looks++}`)
  }
  if (!isUnderWay(answer)) return answer
  return lookUntil(
    () => ask({}, `look-${looks++}`),
    (seen) => !isUnderWay(seen),
  )
}

function isUnderWay({ status, json }: Answer): boolean {
  return status === 201 && json.state === 'processing'
}

/** Goes where the provider sends the browser. Whether that was heard, the payment tells. */
async function actInBrowser({ client }: Shopping, asked: Answer, succeed: boolean): Promise<void> {
  const url = expect(asked, 201, 'The browser was not asked').json.action?.url
  if (url === undefined) throw new Refused(`The browser was not asked: the payment is ${asked.json.state}`)
  const path = new URL(url, 'http://shop.example').pathname
  const answer = await client.call({ method: 'POST', path, body: { succeed }, repeatable: true })
  // A repeat finds nothing left to do.
  if (answer.status !== 404) expect(answer, 204, 'The browser could not do what it was asked for')
}
