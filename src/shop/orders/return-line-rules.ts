import { type Fault, Refusal } from '../../kernel/errors.ts'
import type { NewReturn, ReturnChange } from './return-requests-schema.ts'
import type { ReturnLine } from './return-schema.ts'
import type { Order, OrderLine } from './schema.ts'

interface Named {
  product_id: string
  sku?: string
}

/** Pieces of a line that are in returns, by `prd_…/SKU`; of rejected returns none are. */
export function piecesOf(returns: NonNullable<Order['returns']>): Map<string, number> {
  const pieces = new Map<string, number>()
  for (const { state, lines } of returns) {
    if (state === 'rejected') continue
    for (const line of lines) pieces.set(keyOf(line), (pieces.get(keyOf(line)) ?? 0) + line.quantity)
  }
  return pieces
}

/** How a line is named in maps. */
export function keyOf({ product_id, sku }: { product_id: string; sku: string }): string {
  return `${product_id}/${sku}`
}

/** The lines that a customer wants to give back; throws for what the order does not have, or has not so much of any more. */
export function wantedLines(order: Order, items: NewReturn['items']): ReturnLine[] {
  const lines = items.map(({ reason, ...item }) => ({
    ...own(order.lines, item),
    quantity: item.quantity,
    ...(reason && { reason }),
  }))
  assertOnce(lines)
  const returned = piecesOf(order.returns ?? [])
  const short = lines.flatMap(({ product_id, sku, quantity }) => {
    const sold = order.lines.find((line) => keyOf(line) === keyOf({ product_id, sku }))!.quantity
    const returnable = sold - (returned.get(keyOf({ product_id, sku })) ?? 0)
    return quantity > returnable ? [{ product_id, sku, quantity, returnable }] : []
  })
  if (short.length === 0) return lines
  throw new Refusal(
    'conflict',
    'more_than_bought',
    'That is more than was bought and is not in a return yet; `lines` names what is left.',
    { extra: { lines: short } },
  )
}

/** The lines of a return once its goods are counted: of each what is sold again; lines that are not named are. */
export function countedLines(lines: readonly ReturnLine[], items: ReturnChange['items'] = []): ReturnLine[] {
  const counted = items.map(({ restocked = 0, written_off = 0, ...item }) => ({
    ...own(lines, item),
    ...{ restocked, written_off },
  }))
  assertOnce(counted)
  const byKey = new Map(counted.map((line) => [keyOf(line), line]))
  return lines.map((line) => {
    const { restocked, written_off } = byKey.get(keyOf(line)) ?? { restocked: line.quantity, written_off: 0 }
    if (restocked + written_off === line.quantity) return { ...line, restocked }
    const { product_id, sku, quantity } = line
    throw new Refusal(
      'unprocessable',
      'pieces_do_not_add_up',
      'What is sold again and what is written off must add up to the pieces of the line.',
      { extra: { lines: [{ product_id, sku, quantity, restocked, written_off }] } },
    )
  })
}

/** The line that is meant; one without SKU means the only one of its product. */
function own(lines: readonly (OrderLine | ReturnLine)[], { product_id, sku }: Named) {
  const found = lines.filter((line) => line.product_id === product_id && (sku ?? line.sku) === line.sku)
  if (found.length === 1) return { product_id, sku: found[0]!.sku }
  if (found.length > 1)
    throw new Refusal(
      'unprocessable',
      'sku_required',
      `${product_id} stands there in several forms; name its sku.`,
    )
  const what = sku === undefined ? product_id : `${product_id} with the sku ${sku}`
  throw new Refusal('unprocessable', 'no_such_line', `There is no line of ${what}.`)
}

function assertOnce(lines: readonly { product_id: string; sku: string }[]): void {
  const errors = lines.flatMap((line, index): Fault[] =>
    lines.findIndex((one) => keyOf(one) === keyOf(line)) === index
      ? []
      : [{ pointer: `/items/${index}`, code: 'twice', message: 'names a line that was named before' }],
  )
  if (errors.length === 0) return
  const message = 'The body does not fit; `errors` names each fault.'
  throw new Refusal('invalid', 'invalid_body', message, { errors })
}
