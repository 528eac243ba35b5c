import { accountOf } from './account.ts'
import { writtenOff } from './card-choices.ts'
import type { Json } from './client.ts'
import { lookUntil } from './patience.ts'
import { type TakingBack, worthOf } from './plan.ts'
import { expect, type PlacedOrder, Refused, type Shopping } from './shopping.ts'
import { orderForStaff, said } from './staff.ts'

const ON_ITS_WAY = ['confirmed', 'processing', 'shipped', 'delivered']

/** The order is delivered; the customer sends a part of it back, staff take it in and give its money back. */
export async function returnPart(shopping: Shopping, visit: TakingBack, order: PlacedOrder): Promise<void> {
  await deliver(shopping, order)
  const id = await askForReturn(shopping, visit, order)
  const amount = { amount: worthOf(shopping.plan, visit.lines), currency: shopping.options.currency }
  await moveReturn(shopping, order, id, { state: 'approved' })
  await moveReturn(shopping, order, id, { state: 'received', items: receivedOf(shopping, visit) })
  await moveReturn(shopping, order, id, { state: 'refunded', amount })
  shopping.tally.returns++
}

/** Staff move the order on until it is delivered; an earlier return may have seen to that. */
async function deliver(shopping: Shopping, { id }: PlacedOrder): Promise<void> {
  const { status: now } = await orderForStaff(shopping.client, await shopping.staff(), id)
  for (const status of ON_ITS_WAY.slice(ON_ITS_WAY.indexOf(now) + 1)) await moveOrder(shopping, id, status)
}

/** A repeat is refused, and what was just paid cannot be sent yet: so it is asked until the order is there. */
async function moveOrder({ client, staff }: Shopping, id: string, status: string): Promise<void> {
  const what = `Order ${id} did not become ${status}`
  const { answer, now } = await lookUntil(
    async () => {
      const token = await staff()
      const put = { method: 'PUT', path: `/orders/${id}`, token, body: { status }, repeatable: true } as const
      const answer = await client.call(put)
      if (answer.status !== 409) expect(answer, 200, what)
      return { answer, now: (await orderForStaff(client, token, id)).status }
    },
    (seen) => seen.now === status,
  )
  if (now !== status) throw new Refused(`${what} but is ${now}: ${said(answer)}`)
}

async function askForReturn(shopping: Shopping, visit: TakingBack, { id }: PlacedOrder): Promise<string> {
  const { client, options } = shopping
  const { token } = await accountOf(shopping, visit)
  const answer = await client.call({
    method: 'POST',
    path: `/orders/${id}/returns`,
    token,
    key: `${options.run}-return-${visit.invoice}`,
    body: { items: visit.lines.map(({ item, quantity }) => ({ ...nameOf(shopping, item), quantity })) },
  })
  return expect(answer, 201, `The return ${visit.invoice} of order ${id} was refused`).json.id
}

/** What staff find in the parcel. */
function receivedOf(shopping: Shopping, { invoice, lines }: TakingBack): object[] {
  return lines.map(({ item, quantity }) => {
    const written_off = writtenOff(invoice, shopping.plan.items[item]!.sku, quantity)
    return { ...nameOf(shopping, item), restocked: quantity - written_off, written_off }
  })
}

function nameOf({ articles }: Shopping, item: number): object {
  const { product_id, sku } = articles[item]!
  return { product_id, ...(sku && { sku }) }
}

/** Staff move a return on; its refund may take the provider a while. */
async function moveReturn(
  { client, staff, options }: Shopping,
  { id }: PlacedOrder,
  return_id: string,
  body: { state: string; items?: object[]; amount?: object },
): Promise<void> {
  const what = `Return ${return_id} of order ${id} did not become ${body.state}`
  const answer = await client.call({
    method: 'PUT',
    path: `/orders/${id}/returns/${return_id}`,
    token: await staff(),
    key: `${options.run}-${return_id}-${body.state}`,
    body,
  })
  expect(answer, 200, what)
  const seen: Json | undefined = await lookUntil(
    async () => {
      const { returns } = await orderForStaff(client, await staff(), id)
      return returns.find((one: Json) => one.id === return_id)
    },
    (found) => found?.state === body.state,
  )
  if (seen?.state !== body.state) throw new Refused(`${what} but is ${seen?.state}`)
}
