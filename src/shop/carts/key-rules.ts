import { Refusal } from '../../kernel/errors.ts'
import { type Cart, MAX_CART_KEYS } from './schema.ts'

/** A request that may be repeated under its key; both are hashes, so they are short and tell nothing. */
export interface RequestKey {
  key: string
  fingerprint: string
}

/**
 * The version that the request made earlier, undefined when the cart does not remember its key. Refuses a key
 * that came with another request.
 */
export function versionMadeBy(
  cart: Pick<Cart, 'keys'>,
  { key, fingerprint }: RequestKey,
): number | undefined {
  const entry = cart.keys.find((remembered) => remembered.startsWith(`${key} `))
  if (entry === undefined) return undefined
  const [, fingerprintThen, version] = entry.split(' ')
  if (fingerprintThen === fingerprint) return Number(version)
  throw new Refusal(
    'unprocessable',
    'idempotency_key_reused',
    'This Idempotency-Key was used with another request; take a new one.',
  )
}

/** The keys with one more; the oldest are forgotten. */
export function withKey(
  keys: readonly string[],
  { key, fingerprint }: RequestKey,
  version: number,
): string[] {
  return [`${key} ${fingerprint} ${version}`, ...keys].slice(0, MAX_CART_KEYS)
}
