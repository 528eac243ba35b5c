import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { UserPrincipal } from '../../kernel/principal.ts'
import { insertOnce } from '../../storage/insert-once.ts'
import type { Collection, New } from '../../storage/storage.ts'
import type { Addresses } from '../addresses/addresses.ts'
import type { Carts } from '../carts/carts.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { chargesOf, type Settings } from '../settings/settings.ts'
import type { Answer, Answering } from './answering.ts'
import type { Breaker } from './breaker.ts'
import { isSuperseded } from './change-rules.ts'
import type { Driver } from './driver.ts'
import type { Holds } from './holds.ts'
import { newOrderNumber } from './number.ts'
import {
  assertExpected,
  assertOrderable,
  isDefinite,
  type OrderSeed,
  pendingOrder,
  pricedLines,
  refusedOrder,
  sumOf,
  type Wanted,
} from './placing-rules.ts'
import type { AddressedOrder, NewOrder } from './requests-schema.ts'
import type { Order, OrderLine } from './schema.ts'

export interface PlacingNeeds {
  orders: Pick<Collection<Order>, 'get' | 'getBy' | 'insert'>
  catalog: Pick<Catalog, 'sellables'>
  carts: Pick<Carts, 'forOrder'>
  addresses: Pick<Addresses, 'find'>
  settings: Pick<Settings, 'rates'>
  driver: Pick<Driver, 'mark'>
  answering: Answering
  currency: string
  /** Whoever charges cards; undefined where they are not taken. */
  provider: string | undefined
  breaker: Pick<Breaker, 'assertClosed'>
  holds: Holds
}

export interface Placing {
  user: UserPrincipal
  request: NewOrder
  /** Absent when the caller gave no Idempotency-Key. */
  key?: { key: string; fingerprint: string }
}

/** The document that holds the key and the cart, and whether this request made it. */
interface Claim {
  order: Order
  mine: boolean
}

interface Basket {
  lines: OrderLine[]
  cart_claim?: string
}

type ChargedBasket = Basket & Pick<OrderSeed, 'charges' | 'request'> & { replaced: Order[] }

/** Numbers are random, so now and then one is taken. */
const MAX_NUMBERS = 5

/** Takes orders: the inserted document is the claim on the key and on the cart. */
export function createPlacing(needs: PlacingNeeds) {
  const { orders, catalog, carts, addresses, settings, driver, answering } = needs
  const { currency, provider, breaker, holds } = needs

  /** Orders once per key and once per state of a cart. A definite refusal is kept with the key and told again. */
  async function place(placing: Placing): Promise<Answer & { replayed: boolean }> {
    const { user, request, key } = placing
    assertOrderable(request, { currency, cards: provider !== undefined })
    const basket = chargedBasket(user, request)
    // A repeat does not care what its cart has come to.
    basket.catch(() => {})
    const earlier = key && (await orders.getBy('idem', [user.id, key.key]))
    const claim = earlier ? { order: earlier, mine: false } : await claimOrder(placing, basket)
    if (claim.mine) return { ...(await answering.answer(claim.order)), replayed: false }
    return { ...(await answering.replay(claim.order, key!.fingerprint)), replayed: true }
  }

  async function claimOrder({ user, request, key }: Placing, basket: Promise<ChargedBasket>): Promise<Claim> {
    const by = request.payment_method === 'card' ? { provider } : {}
    const seed = { user_id: user.id, request, currency, ...by, ...(key && { idem: key }) }
    try {
      const { replaced, ...priced } = await basket
      assertExpected(request.expected_total, priced, currency)
      await holds.giveBack(replaced)
      return await insert((named) => pendingOrder({ ...seed, ...priced, ...named }, driver.mark()))
    } catch (error) {
      if (!key || !(error instanceof Refusal) || !isDefinite(error)) throw error
      const { kind, code, message, details } = error
      const refusal = { kind, code, message, ...(details.extra && { extra: details.extra }) }
      return insert((named) => refusedOrder({ ...seed, ...named }, refusal, driver.mark()))
    }
  }

  async function chargedBasket(user: Placing['user'], request: NewOrder): Promise<ChargedBasket> {
    const byCard = request.payment_method === 'card'
    // Nothing is reserved for a card that cannot be charged.
    if (byCard) breaker.assertClosed()
    const [basket, addressed, rates, held] = await Promise.all([
      basketOf(user, request),
      addressedOf(user, request),
      settings.rates(),
      byCard || !request.items ? holds.of(user) : [],
    ])
    const replaced = held.filter((order) => basket.cart_claim && isSuperseded(order, basket.cart_claim))
    if (byCard) holds.assertRoom(held.filter((order) => !replaced.includes(order)))
    const { country } = addressed.shipping_address
    const charged = { subtotal: sumOf(basket.lines), discount: 0, country, currency }
    return { ...basket, request: addressed, charges: chargesOf(charged, rates), replaced }
  }

  async function addressedOf(user: Placing['user'], request: NewOrder): Promise<AddressedOrder> {
    const { shipping_address_id, billing_address_id, ...rest } = request
    const saved = (id: string | undefined) => id && addresses.find({ user_id: user.id, id })
    const [shipping, billing] = await Promise.all([saved(shipping_address_id), saved(billing_address_id)])
    const billed = billing || request.billing_address
    return {
      ...rest,
      shipping_address: shipping || request.shipping_address!,
      ...(billed && { billing_address: billed }),
    }
  }

  async function basketOf(user: Placing['user'], request: NewOrder): Promise<Basket> {
    if (request.items) return { lines: await price(request.items) }
    const cart = await carts.forOrder(user)
    if (!cart || cart.lines.length === 0) {
      throw new Refusal('unprocessable', 'cart_empty', 'The cart is empty; there is nothing to order.')
    }
    return { lines: await price(cart.lines), cart_claim: `${cart.cart_id}@${cart.version}` }
  }

  async function price(wanted: readonly Wanted[]): Promise<OrderLine[]> {
    return pricedLines(wanted, await catalog.sellables(wanted), currency)
  }

  async function insert(document: (named: Pick<OrderSeed, 'id' | 'number'>) => New<Order>): Promise<Claim> {
    for (let attempt = 1; ; attempt++) {
      const order = document({ id: newId('ord', driver.mark().now), number: newOrderNumber() })
      try {
        return { order: await insertOnce(orders, order), mine: true }
      } catch (error) {
        if (!isRefusal(error, 'duplicate')) throw error
        const winner = await winnerOf(error.details.extra?.index, order)
        if (winner) return { order: winner, mine: false }
        if (attempt === MAX_NUMBERS) throw error
      }
    }
  }

  /** Who has the key that this order wanted; undefined when only its number was taken. */
  async function winnerOf(index: unknown, { user_id, idem }: New<Order>): Promise<Order | undefined> {
    if (index === 'idem') return orders.getBy('idem', [user_id, idem!.key])
    if (index === 'cart_claim') {
      throw new Refusal(
        'conflict',
        'cart_already_ordered',
        'This cart, as it is, has been ordered by another request.',
      )
    }
    return undefined
  }

  return { place }
}
