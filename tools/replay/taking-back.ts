import { lookUntil } from './patience.ts'
import { type TakingBack, worthOf } from './plan.ts'
import { returnPart } from './returning.ts'
import { expect, type PlacedOrder, Refused, type Shopping } from './shopping.ts'
import { orderForStaff } from './staff.ts'

/** Gives the money of a part of an order back, or takes its pieces back first. Throws when the shop refuses. */
export async function takeBack(shopping: Shopping, visit: TakingBack): Promise<void> {
  const [order] = shopping.placed.get(visit.of) ?? []
  if (!order)
    throw new Refused(`Invoice ${visit.invoice} takes back a part of ${visit.of}, which was not ordered`)
  if (visit.kind === 'return') await returnPart(shopping, visit, order)
  else await refundPart(shopping, visit, order)
}

/** Staff give money back without seeing the goods again. */
async function refundPart(shopping: Shopping, { invoice, lines }: TakingBack, { id }: PlacedOrder) {
  const { client, staff, plan, options, tally } = shopping
  const amount = worthOf(plan, lines)
  const answer = await client.call({
    method: 'POST',
    path: `/orders/${id}/refunds`,
    token: await staff(),
    key: `${options.run}-refund-${invoice}`,
    body: { amount: { amount, currency: options.currency }, reason: `Invoice ${invoice}` },
  })
  const what = `The refund ${invoice} of order ${id}`
  const { json: made } = expect(answer, 201, `${what} was refused`)
  const refund = await lookUntil(
    async () =>
      (await orderForStaff(client, await staff(), id)).refunds.find((one: Made) => one.id === made.id),
    (seen: Made | undefined) => seen?.state !== 'processing',
  )
  if (refund?.state !== 'succeeded' || refund.amount.amount !== amount)
    throw new Refused(`${what} is ${refund?.state} over ${refund?.amount.amount}, not ${amount}`)
  tally.refunds++
}

interface Made {
  id: string
  state: string
  amount: { amount: number }
}
