import { IDEMPOTENCY_KEYS } from './http/idempotency-store.ts'
import { QUOTA_WINDOWS } from './http/stored-quota.ts'
import { COLLECTIONS } from './shop/collections.ts'

/** Every collection of the product: the shop's, and what the server keeps itself. */
export const ALL_COLLECTIONS = [...COLLECTIONS, IDEMPOTENCY_KEYS, QUOTA_WINDOWS]
