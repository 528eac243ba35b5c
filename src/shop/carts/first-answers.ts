import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { RequestKey } from './key-rules.ts'
import type { CartView } from './schema.ts'

/** Memory for first answers, by a rough estimate of their bytes. */
const MAX_BYTES = 16 * 1_024 * 1_024
const BYTES_OF_VIEW = 400
const BYTES_OF_ITEM = 600
/** Four addresses. */
const BYTES_OF_IMAGE = 900
/** Short enough to keep a hundred in a cart, long enough that nobody meets another's. */
const HASH_LENGTH = 16

/**
 * The first answers to requests that came with a key. That a key counts once lies in the cart, on disk; the
 * answer itself is kept in memory, and when it is gone a repeat gets the cart as it is.
 */
export function createFirstAnswers() {
  const answers = new LRUCache<string, CartView>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ items }) =>
      items.reduce((bytes, { image }) => bytes + BYTES_OF_ITEM + (image ? BYTES_OF_IMAGE : 0), BYTES_OF_VIEW),
  })
  const name = (cart_id: string, { key }: RequestKey, version: number) => `${cart_id} ${key} ${version}`
  return {
    keep: (request: RequestKey, view: CartView) =>
      void answers.set(name(view.id!, request, view.version), view),
    find: (cart_id: string, request: RequestKey, version: number) =>
      answers.get(name(cart_id, request, version)),
  }
}

/** A request's key as a cart remembers it. */
export function shortened({ key, fingerprint }: RequestKey): RequestKey {
  return { key: short(key), fingerprint: short(fingerprint) }
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, HASH_LENGTH)
}
