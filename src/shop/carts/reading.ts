import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isCountry } from '../../kernel/countries.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { Money } from '../../kernel/money.ts'
import { isStaff, type Principal } from '../../kernel/principal.ts'
import type { Rates } from '../settings/schema.ts'
import { chargesOf, type Settings } from '../settings/settings.ts'
import { type createCartDocuments, dayOf } from './documents.ts'
import type { createPricing } from './pricing.ts'
import { type Cart, type CartCharges, type CartView, GUEST_CART_IDLE_DAYS } from './schema.ts'
import { contentOf, emptyView, viewOf } from './view-rules.ts'

const DAY_MS = 86_400_000
const EXPIRY_BATCH = 500

interface Needs {
  documents: Pick<ReturnType<typeof createCartDocuments>, 'carts' | 'find' | 'changed'>
  around: ReturnType<typeof createPricing>
  settings: Pick<Settings, 'rates'>
  clock: Clock
  currency: string
}

/** Shows carts, and lets go of those that guests left. */
export function createReading({ documents, around, settings, clock, currency }: Needs) {
  const { carts, find, changed } = documents

  /** The caller's cart with the prices and the stock of now; with what it costs to bring it to a country, if one is named. */
  async function view(principal: Principal, country?: string): Promise<CartView> {
    if (country !== undefined && !isCountry(country)) throw unknownCountry()
    const cart = principal.id === null ? undefined : await find(principal.id)
    if (!cart) return emptyView(currency)
    const used = await noteUse(cart)
    const [surroundings, rates] = await Promise.all([
      around(used.lines, { uncapped: isStaff(principal) }),
      country === undefined ? undefined : settings.rates(),
    ])
    const content = contentOf(used.lines, surroundings)
    return viewOf(used, content, rates && chargesView(content.subtotal, country!, rates))
  }

  function chargesView({ amount: subtotal }: Money, country: string, rates: Rates): CartCharges {
    const charges = chargesOf({ subtotal, discount: 0, country, currency }, rates)
    const money = (amount: number) => ({ amount, currency })
    return {
      country,
      shipping: money(charges.shipping),
      tax: money(charges.tax),
      tax_included: money(charges.tax_included),
      tax_rate_ppm: charges.tax_rate_ppm,
      total: money(charges.total),
    }
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

function unknownCountry(): Refusal {
  const errors = [{ pointer: 'country', code: 'country', message: 'must be an ISO 3166-1 alpha-2 code' }]
  return new Refusal('malformed', 'invalid_query', 'A parameter does not fit; `errors` names each fault.', {
    errors,
  })
}
