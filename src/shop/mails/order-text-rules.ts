import type { Order, OrderLine } from '../orders/schema.ts'
import { moneyText } from './money-text-rules.ts'
import type { Block, Words } from './render-rules.ts'
import type { Mail } from './schema.ts'

/** So many lines are named; the rest is counted. */
const MAX_LINES = 50

/**
 * The order as it was taken. Words that its customer wrote are told only to an address that is `verified` as theirs: any other could be
 * that of somebody whom a stranger wants to be mailed something under the shop's name.
 */
export function confirmedWords(order: Order, verified: boolean): Words {
  const cash = order.payment_method === 'cash_on_delivery'
  return {
    subject: `Order ${order.number} is confirmed`,
    blocks: [
      { says: `Thank you. Your order ${order.number} is confirmed.` },
      ...linesOf(order),
      { rows: sumsOf(order) },
      ...(verified ? addressOf(order) : []),
      { says: cash ? 'You pay when it is delivered.' : 'It is paid by card.' },
    ],
  }
}

/** Where the parcel is, as far as the shop knows; `verified` as for `confirmedWords`. */
export function shippedWords(order: Order, verified: boolean): Words {
  const { tracking } = order
  const rows: [string, string][] = tracking
    ? [
        ...(tracking.carrier ? [['Carrier', tracking.carrier] as [string, string]] : []),
        ['Number', tracking.number],
      ]
    : []
  return {
    subject: `Order ${order.number} is on its way`,
    blocks: [
      { says: `Your order ${order.number} has been shipped.` },
      ...(rows.length > 0 ? [{ rows }] : []),
      ...(tracking?.url ? [{ link: tracking.url, label: 'Follow it' }] : []),
      ...linesOf(order),
      ...(verified ? addressOf(order) : []),
    ],
  }
}

/** Why the order ended, and what becomes of its money. */
export function cancelledWords(order: Order): Words {
  const expired = order.cancel_reason === 'expired'
  const paid = (order.payment?.captured ?? 0) > 0
  return {
    subject: `Order ${order.number} is cancelled`,
    blocks: [
      {
        says: expired
          ? `Your order ${order.number} was not paid in time and is cancelled.`
          : `Your order ${order.number} is cancelled.`,
      },
      ...linesOf(order),
      ...(paid ? [{ says: 'What you paid is given back; another mail tells of it.' }] : []),
    ],
  }
}

/** Money that is on its way back. */
export function refundedWords(order: Order, amount: NonNullable<Mail['amount']>): Words {
  const by =
    order.payment_method === 'card' ? 'to the card that you paid with; banks take some days' : 'to you'
  return {
    subject: `Refund for order ${order.number}`,
    blocks: [{ says: `We gave back ${moneyText(amount)} of your order ${order.number}, ${by}.` }],
  }
}

function linesOf({ lines, currency }: Order): Block[] {
  const rows = lines
    .slice(0, MAX_LINES)
    .map((line) => [nameOf(line), moneyText({ amount: line.line_total, currency })] as const)
  const more = lines.length - rows.length
  return [{ rows }, ...(more > 0 ? [{ says: `And ${more} more.` }] : [])]
}

function nameOf({ quantity, name, options }: OrderLine): string {
  const chosen = Object.values(options)
  return `${quantity} × ${name}${chosen.length > 0 ? ` (${chosen.join(', ')})` : ''}`
}

function sumsOf(order: Order): [string, string][] {
  const { subtotal, shipping, discount, tax, tax_included = 0, total, currency } = order
  const sums: [string, number][] = [
    ['Goods', subtotal],
    ...(discount > 0 ? [['Discount', discount] as [string, number]] : []),
    ['Shipping', shipping],
    ...(tax > 0 ? [['Tax', tax] as [string, number]] : []),
    ['Total', total],
    ...(tax_included > 0 ? [['Tax contained', tax_included] as [string, number]] : []),
  ]
  return sums.map(([what, amount]) => [what, moneyText({ amount, currency })])
}

function addressOf({ shipping_address: to }: Order): Block[] {
  if (!to) return []
  const place = [to.name, to.line1, to.line2, `${to.postal_code} ${to.city}`, to.region, to.country]
  return [{ rows: [['To', unlinked(place.filter((part) => part).join(', '))]] }]
}

/** What somebody wrote, with a space wherever mail programs would find a web or mail address to make a link of. */
function unlinked(text: string): string {
  return text.replaceAll(/[.。．｡](?=[\p{L}\p{N}\p{Cf}])|[:@](?=\S)/gu, '$& ')
}
