import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import { isStaff, type Principal } from '../../kernel/principal.ts'
import { type createCartDocuments, dayOf } from './documents.ts'
import type { createPricing } from './pricing.ts'
import { type Cart, type CartView, GUEST_CART_IDLE_DAYS } from './schema.ts'
import { contentOf, emptyView, viewOf } from './view-rules.ts'

const DAY_MS = 86_400_000
const EXPIRY_BATCH = 500

interface Needs {
  documents: Pick<ReturnType<typeof createCartDocuments>, 'carts' | 'find' | 'changed'>
  around: ReturnType<typeof createPricing>
  clock: Clock
  currency: string
}

/** Shows carts, and lets go of those that guests left. */
export function createReading({ documents, around, clock, currency }: Needs) {
  const { carts, find, changed } = documents

  /** The caller's cart with the prices and the stock of now. */
  async function view(principal: Principal): Promise<CartView> {
    const cart = principal.id === null ? undefined : await find(principal.id)
    if (!cart) return emptyView(currency)
    const used = await noteUse(cart)
    return viewOf(used, contentOf(used.lines, await around(used.lines, { uncapped: isStaff(principal) })))
  }

  /** Looking at a guest's cart keeps it, but writes once a day at most. */
  async function noteUse(cart: Cart): Promise<Cart> {
    if (cart.used_on === undefined || cart.used_on >= dayOf(timestamp(clock.now()))) return cart
    try {
      return await carts.replace(changed(cart, {}))
    } catch (error) {
      if (isRefusal(error, 'version_moved')) return (await carts.get(cart.id)) ?? cart
      // A shop that cannot write just now still shows carts.
      if (isRefusal(error, 'storage_unavailable')) return cart
      throw error
    }
  }

  /** Removes guests' carts that nobody used for 30 days; says how many. */
  async function expire(): Promise<number> {
    const before = dayOf(timestamp(clock.now() - GUEST_CART_IDLE_DAYS * DAY_MS))
    let total = 0
    let removed: number
    do {
      removed = await carts.removeOlder('used_on', before, EXPIRY_BATCH)
      total += removed
    } while (removed === EXPIRY_BATCH)
    return total
  }

  return { view, expire }
}
