import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { Logger } from '../../kernel/logger.ts'
import { insertOnce } from '../../storage/insert-once.ts'
import type { Collection, Position } from '../../storage/storage.ts'
import { addingTookTooLong } from './image-rules.ts'
import type { Media, ProductImage, UnsettledImage } from './image-schema.ts'
import type { Product } from './schema.ts'

/** Far longer than any request works: until then the files are the business of the request that writes them. */
export const UNSETTLED_MS = 3_600_000
const SWEPT_AT_ONCE = 100

interface Needs {
  notes: Collection<UnsettledImage>
  products: Pick<Collection<Product>, 'get' | 'replace'>
  media: Pick<Media, 'current' | 'named'>
  clock: Clock
  logger: Logger
  /** Called after each write of a product. */
  onWrite(id: string): void
}

/**
 * Keeps files and products together, which no commit can hold both. A note is written before files are put or let go, and settled behind:
 * when the product names the files they stay, else they are removed. Whoever finds a note may settle it, and again.
 */
export function createUnsettledImages({ notes, products, media, clock, logger, onWrite }: Needs) {
  function note(key: string, fields: Pick<UnsettledImage, 'product_id' | 'store' | 'state'>) {
    const now = timestamp(clock.now())
    return insertOnce(notes, { id: key, ...fields, created_at: now, updated_at: now })
  }

  /** Before files are put: under a key that nobody else has. */
  const adding = (product_id: string): Promise<UnsettledImage> =>
    note(newId('med', clock.now()), { product_id, store: media.current.name, state: 'adding' })

  /** Before a product lets an image go. */
  const going = (product_id: string, { key, store }: ProductImage): Promise<UnsettledImage> =>
    note(key, { product_id, store, state: 'going' })

  /** Asked between reading a product and writing the image into it. Throws when the files were given up. */
  async function assertAdding({ id }: UnsettledImage): Promise<void> {
    if ((await notes.get(id))?.state !== 'adding') throw addingTookTooLong()
  }

  async function settle(found: UnsettledImage): Promise<void> {
    const { id, store: name } = found
    if (await isGivenUp(found)) {
      const store = media.named(name)
      // Not configured any more: the note stays for when it is again.
      if (!store) return
      await store.remove(id)
    }
    const note = await notes.get(id)
    if (note) await notes.remove(id, note.version)
  }

  /**
   * Whether no product names the files nor ever will. Somebody may have read the product and be about to write the image into it:
   * raising its version makes them read again, and then they see that the files are given up.
   */
  async function isGivenUp(found: UnsettledImage): Promise<boolean> {
    const { product_id, id, state } = found
    if (names(await products.get(product_id), id)) return false
    if (state === 'going') return true
    if (state === 'adding')
      await notes.replace({ ...found, state: 'given_up', updated_at: timestamp(clock.now()) })
    for (;;) {
      const product = await products.get(product_id)
      if (!product) return true
      if (names(product, id)) return false
      try {
        await products.replace(product)
        onWrite(product_id)
        return true
      } catch (error) {
        if (!isRefusal(error, 'version_moved')) throw error
      }
    }
  }

  /** Behind the request's own work; what fails here is taken up by the sweep. */
  async function settled(found: UnsettledImage): Promise<void> {
    await settle(found).catch((error: unknown) =>
      logger.warn(
        { err: error, key: found.id },
        'files of an image are not settled; the sweep comes to them',
      ),
    )
  }

  return {
    adding,
    going,
    assertAdding,
    settled,
    /** Settles what a crash, or a store that was away, left. */
    async sweep(): Promise<void> {
      const before = timestamp(clock.now() - UNSETTLED_MS)
      const query = { index: 'created', range: { before }, limit: SWEPT_AT_ONCE }
      for (let after: Position | null | undefined; after !== null; ) {
        const { items, next } = await notes.list({ ...query, ...(after && { after }) })
        for (const found of items) await settled(found)
        after = next
      }
    },
  }
}

function names(product: Product | undefined, key: string): boolean {
  return product?.images?.some((image) => image.key === key) ?? false
}
