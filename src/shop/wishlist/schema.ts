import type { Money } from '../../kernel/money.ts'
import type { CollectionDefinition, Stored } from '../../storage/storage.ts'

export const MAX_WISHES = 1_000
/** Shoppers see at most this as available; 10 means 10 or more. */
export const SHOPPER_AVAILABLE_CAP = 10
/** Random bytes of a link: nobody guesses 256 bits. */
export const TOKEN_BYTES = 32

/** Something that a customer would like to have. */
export interface Wish extends Stored {
  user_id: string
  product_id: string
  /** Where one form of the product is meant. */
  sku?: string
  /** 0 to 999 and unique for the customer: so there are never more. */
  place: number
  /** What it cost and how many there were when it was added, as shoppers see it. */
  price: Money
  available: number
  /** On its way into the cart. */
  moving?: Moving
}

export interface Moving {
  sku: string
  quantity: number
  /** Milliseconds. */
  since: number
  /** The request that moves it, so that its repeat is told apart from one for what is no wish. */
  operation?: string
}

export const WISHLIST: CollectionDefinition<Wish> = {
  name: 'wishlist',
  indexes: {
    product: { fields: ['user_id', 'product_id'], unique: true },
    place: { fields: ['user_id', 'place'], unique: true },
    by_user: { fields: ['user_id', 'created_at'] },
    moving: { fields: ['moving.since'] },
  },
}

/** Under the customer's id: the hash of the link by which others read the wishlist. */
export interface WishlistShare extends Stored {
  token_hash: string
}

export const WISHLIST_SHARES: CollectionDefinition<WishlistShare> = {
  name: 'wishlist_shares',
  indexes: { token: { fields: ['token_hash'], unique: true } },
}
