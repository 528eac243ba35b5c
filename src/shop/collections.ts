import type { CollectionDefinition } from '../storage/storage.ts'
import { FIRST_PLACES } from '../stream/first-places.ts'
import { ADDRESS_BOOKS } from './addresses/schema.ts'
import { LOGIN_ATTEMPTS, SESSIONS } from './auth/schema.ts'
import { CARTS } from './carts/schema.ts'
import { CATEGORIES, CATEGORY_TREES } from './catalog/category-schema.ts'
import { PRODUCTS } from './catalog/schema.ts'
import { KEPT_EVENTS } from './clickstream/kept-schema.ts'
import { STOCK_ADJUSTMENTS, STOCK_MOVEMENTS } from './inventory/schema.ts'
import { ORDERS } from './orders/schema.ts'
import { SETTINGS } from './settings/schema.ts'
import { SUPER_ADMINS, USERS } from './users/schema.ts'
import { INBOX } from './webhooks/schema.ts'

/** Every collection of the shop, so that an engine can make and check its tables and indexes at start. */
// biome-ignore lint/suspicious/noExplicitAny: the documents of the collections differ
export const COLLECTIONS: CollectionDefinition<any>[] = [
  CARTS,
  STOCK_ADJUSTMENTS,
  STOCK_MOVEMENTS,
  PRODUCTS,
  CATEGORIES,
  CATEGORY_TREES,
  ORDERS,
  SETTINGS,
  INBOX,
  USERS,
  SUPER_ADMINS,
  ADDRESS_BOOKS,
  SESSIONS,
  LOGIN_ATTEMPTS,
  KEPT_EVENTS,
  FIRST_PLACES,
]
