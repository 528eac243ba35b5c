import type { Money } from '../../kernel/money.ts'
import { type Offered, offerOf } from './rules.ts'
import { SHOPPER_AVAILABLE_CAP, type Wish, type WishlistShare } from './schema.ts'
import type { SharedWishView, WishChange, WishView } from './wish-schema.ts'

type Card = NonNullable<WishView['product']>
type Product = Offered<Card> | undefined

/** A wish as its owner sees it, with what has changed since it was added. */
export function wishView(wish: Wish, product: Product): WishView {
  const { product_id, sku, created_at, price, available } = wish
  const offer = offerOf(product, sku)
  return {
    product_id,
    sku: sku ?? null,
    price: offer?.price ?? null,
    available: offer?.available ?? 0,
    product: product && offer ? cardView(product.card) : null,
    added_at: created_at,
    added_price: price,
    added_available: available,
    changes: offer
      ? [...priceChanges(price, offer.price), ...stockChanges(available, offer.available)]
      : [GONE],
  }
}

/** The same for those who have the link; undefined for what is no longer sold. */
export function sharedWishView({ product_id, sku }: Wish, product: Product): SharedWishView | undefined {
  const offer = offerOf(product, sku)
  return product && offer && { product_id, sku: sku ?? null, ...offer, product: cardView(product.card) }
}

/** All that is kept of a person here, for the person. */
export function knownOf(wishes: readonly Wish[], share: WishlistShare | undefined) {
  return {
    items: wishes.map(({ product_id, sku, created_at, price }) => ({
      ...{ product_id, sku: sku ?? null, added_at: created_at, added_price: price },
    })),
    shared_since: share?.updated_at ?? null,
  }
}

const GONE: WishChange = { code: 'gone', message: 'This is no longer sold.' }

function cardView(card: Card): Card {
  return { ...card, available: Math.min(card.available, SHOPPER_AVAILABLE_CAP) }
}

/** Amounts in different currencies say nothing of each other. */
function priceChanges(before: Money, now: Money): WishChange[] {
  if (before.currency !== now.currency || before.amount === now.amount) return []
  return now.amount < before.amount
    ? [{ code: 'price_dropped', message: 'It costs less than when it was added.' }]
    : [{ code: 'price_raised', message: 'It costs more than when it was added.' }]
}

function stockChanges(before: number, now: number): WishChange[] {
  if (before > 0 && now === 0) return [{ code: 'out_of_stock', message: 'It is out of stock now.' }]
  if (before === 0 && now > 0) return [{ code: 'back_in_stock', message: 'It is in stock again.' }]
  return []
}
