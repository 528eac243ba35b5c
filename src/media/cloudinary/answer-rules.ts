import { SIZE_NAMES, type SizeName, type StoredPicture } from '../media.ts'

const MAX_URL = 500

/** Where the files of an account are delivered from: the shared host, or one of the account's own. */
export interface Expected {
  cloud_name: string
  public_id: string
}

/**
 * The addresses that an answer to an upload names, or undefined when it is not an answer for this file: they go to every shopper's
 * browser, so only those of the account's own delivery are believed.
 */
export function storedOf(answer: unknown, expected: Expected): StoredPicture | undefined {
  const { public_id, secure_url, eager } = (answer ?? {}) as Record<string, unknown>
  if (public_id !== expected.public_id || !isDelivered(secure_url, expected)) return undefined
  if (!Array.isArray(eager) || eager.length !== SIZE_NAMES.length) return undefined
  const sizes = SIZE_NAMES.map((name, at) => [
    name,
    (eager[at] as { secure_url?: unknown } | null)?.secure_url,
  ])
  if (!sizes.every(([, url]) => isDelivered(url, expected))) return undefined
  return { url: secure_url, sizes: Object.fromEntries(sizes) as Record<SizeName, string> }
}

function isDelivered(url: unknown, { cloud_name, public_id }: Expected): url is string {
  if (typeof url !== 'string' || url.length > MAX_URL || !URL.canParse(url)) return false
  const { href, origin, pathname, search, hash } = new URL(url)
  // A URL that is read as it is written has no user, port, dots or blanks that one reader sees and another does not.
  if (href !== url || search !== '' || hash !== '' || !pathname.includes(`/${public_id}`)) return false
  return origin === 'https://res.cloudinary.com'
    ? pathname.startsWith(`/${cloud_name}/image/upload/`)
    : origin === `https://${cloud_name}-res.cloudinary.com` && pathname.startsWith('/image/upload/')
}
