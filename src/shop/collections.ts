import type { CollectionDefinition } from '../storage/storage.ts'
import { FIRST_PLACES } from '../stream/first-places.ts'
import { ADDRESS_BOOKS } from './addresses/schema.ts'
import { AUDIT_CHAIN, AUDIT_LOG } from './audit/schema.ts'
import { LOGIN_ATTEMPTS, SESSIONS } from './auth/schema.ts'
import { CARTS } from './carts/schema.ts'
import { CATEGORIES, CATEGORY_TREES } from './catalog/category-schema.ts'
import { UNSETTLED_IMAGES } from './catalog/image-schema.ts'
import { PRODUCTS } from './catalog/schema.ts'
import { KEPT_EVENTS } from './clickstream/kept-schema.ts'
import { EVENT_PLACES } from './clickstream/places-schema.ts'
import { DEAD_LETTERS } from './dead-letters/schema.ts'
import { LOW_STOCK } from './inventory/low-stock-schema.ts'
import { STOCK_ADJUSTMENTS, STOCK_MOVEMENTS } from './inventory/schema.ts'
import { JOB_PARTS, JOBS } from './jobs/schema.ts'
import { MAIL_ALLOWANCES, MAILS } from './mails/schema.ts'
import { ORDERS } from './orders/schema.ts'
import { REVIEW_VOTES, REVIEWS } from './reviews/schema.ts'
import { SETTINGS } from './settings/schema.ts'
import { TOLD_EVENTS } from './timeline/schema.ts'
import { SUPER_ADMINS, USERS } from './users/schema.ts'
import { INBOX } from './webhooks/schema.ts'
import { WISHLIST, WISHLIST_SHARES } from './wishlist/schema.ts'

/** Every collection of the shop, so that an engine can make and check its tables and indexes at start. */
// biome-ignore lint/suspicious/noExplicitAny: the documents of the collections differ
export const COLLECTIONS: CollectionDefinition<any>[] = [
  CARTS,
  STOCK_ADJUSTMENTS,
  STOCK_MOVEMENTS,
  LOW_STOCK,
  PRODUCTS,
  UNSETTLED_IMAGES,
  CATEGORIES,
  CATEGORY_TREES,
  ORDERS,
  REVIEWS,
  REVIEW_VOTES,
  WISHLIST,
  WISHLIST_SHARES,
  SETTINGS,
  JOBS,
  JOB_PARTS,
  INBOX,
  USERS,
  SUPER_ADMINS,
  ADDRESS_BOOKS,
  SESSIONS,
  LOGIN_ATTEMPTS,
  MAILS,
  MAIL_ALLOWANCES,
  KEPT_EVENTS,
  EVENT_PLACES,
  TOLD_EVENTS,
  DEAD_LETTERS,
  AUDIT_LOG,
  AUDIT_CHAIN,
  FIRST_PLACES,
]
