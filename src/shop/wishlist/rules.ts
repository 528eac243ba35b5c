import { Refusal } from '../../kernel/errors.ts'
import type { Money } from '../../kernel/money.ts'
import { MAX_WISHES, SHOPPER_AVAILABLE_CAP, type Wish } from './schema.ts'

/** What the catalogue says of a product that is for sale. */
export interface Offered<Card = unknown> {
  card: Card & { price: Money; available: number }
  forms: ReadonlyMap<string, { price: Money; available: number }>
}

/** What the form that is meant, or the product as a whole, costs and how many there are; undefined when it is no longer sold. */
export function offerOf(
  product: Offered | undefined,
  sku: string | undefined,
): { price: Money; available: number } | undefined {
  const found = sku === undefined ? product?.card : product?.forms.get(sku)
  return found && { price: found.price, available: Math.min(found.available, SHOPPER_AVAILABLE_CAP) }
}

/** The first place that is free; undefined when the wishlist is full. */
export function freePlace(taken: readonly number[]): number | undefined {
  const places = new Set(taken)
  for (let place = 0; place < MAX_WISHES; place++) if (!places.has(place)) return place
  return undefined
}

/** The SKU that goes into the cart: the one that is named, the one that was wished for, or the only one. */
export function skuToMove(
  { sku: wished }: Pick<Wish, 'sku'>,
  { named, product }: { named: string | undefined; product: Offered | undefined },
): string {
  const forms = product?.forms
  if (!forms) throw productNotFound()
  const sku = named ?? wished ?? (forms.size === 1 ? [...forms.keys()][0] : undefined)
  if (sku === undefined) throw skuRequired()
  if (!forms.has(sku)) throw unknownSku()
  return sku
}

export function wishlistFull(): Refusal {
  return new Refusal('conflict', 'wishlist_full', `A wishlist takes at most ${MAX_WISHES} products.`)
}

export function notInWishlist(): Refusal {
  return new Refusal('not_found', 'not_in_wishlist', 'The wishlist does not have this product.')
}

export function wishlistNotFound(): Refusal {
  return new Refusal('not_found', 'wishlist_not_found', 'There is no such wishlist, or its link was revoked.')
}

export function productNotFound(): Refusal {
  return new Refusal('not_found', 'product_not_found', 'There is no such product.')
}

export function unknownSku(): Refusal {
  return new Refusal('unprocessable', 'unknown_sku', 'This product has no such sku.')
}

function skuRequired(): Refusal {
  return new Refusal('unprocessable', 'sku_required', 'This product is sold in several forms; name its sku.')
}

export function wishlistBusy(): Refusal {
  return new Refusal('unavailable', 'busy', 'Too many changes at once; try again.', {
    retry_after_seconds: 1,
  })
}
