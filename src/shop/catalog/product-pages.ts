import { boundedCache } from '../../kernel/bounded-cache.ts'
import { isId } from '../../kernel/ids.ts'
import { createFreshCache } from './fresh-cache.ts'
import { productNotFound } from './refusal-rules.ts'
import type { Product } from './schema.ts'

const MAX_KEPT_TEXT_SIZE = 32 * 1024 * 1024
const MAX_KEPT_SLUGS = 50_000

/** A product as it is sent: JSON text and its version. */
export interface ProductText {
  id: string
  slug: string
  version: number
  json: string
  /** Sum and number of the stars that the page was made with. */
  rated: string
  /** Put there by whoever sends it first. */
  etag?: string
}

interface Needs {
  find(key: string): Promise<Product | undefined>
  /** The text of a product on sale, by id or slug, as it is now. */
  read(key: string): Promise<ProductText | undefined>
}

/** Product pages for shoppers. */
export interface ProductPages {
  /** By id or slug. Throws `not_found` for drafts and archived ones too. */
  page(key: string): Promise<ProductText>
  /** A write of this process has touched what the page is made of. */
  forget(id: string): void
  /** This process has counted reviews: the page is made anew unless it shows these. */
  ratedNow(id: string, rated: string): void
  forgetAll(): void
}

/** With several nodes: every page is read when it is asked for, so that it shows what any node has written. */
export function createReadPages({ read }: Pick<Needs, 'read'>): ProductPages {
  return {
    async page(key) {
      const text = await read(key)
      if (!text) throw productNotFound()
      return text
    },
    forget() {},
    ratedNow() {},
    forgetAll() {},
  }
}

/** With one node: what is read often is kept until a write of this process. */
export function createKeptPages({ find, read }: Needs): ProductPages {
  const texts = createFreshCache<ProductText>({
    max_size: MAX_KEPT_TEXT_SIZE,
    sizeOf: (text) => text.json.length,
    load: read,
  })
  const idsOfSlugs = boundedCache<string>(MAX_KEPT_SLUGS)

  return {
    async page(key) {
      const known = isId(key, 'prd') ? key : idsOfSlugs.get(key)
      const kept = known === undefined ? undefined : await texts.get(known)
      // A slug may have gone to another product since.
      if (kept && (kept.id === key || kept.slug === key)) return kept
      if (known === key) throw productNotFound()
      const product = await find(key)
      const text = product && (await texts.get(product.id))
      if (!text || text.slug !== key) throw productNotFound()
      idsOfSlugs.set(key, text.id)
      return text
    },
    forget: texts.forget,
    ratedNow(id, rated) {
      if (texts.peek(id)?.rated !== rated) texts.forget(id)
    },
    forgetAll: texts.clear,
  }
}
