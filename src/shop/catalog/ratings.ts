import { PRODUCT_STATS, type ProductStats } from '../../storage/listing.ts'
import type { Storage } from '../../storage/storage.ts'
import { distributionOf, ratingOf } from './view-rules.ts'

/** What the reviews of products come to, as the consumer of events has counted them. */
export function createRatings({ storage }: { storage: Pick<Storage, 'rollUps'> }) {
  return async function ratings(product_id: string) {
    const [found] = await storage.rollUps.read(PRODUCT_STATS, [product_id])
    const stats = found?.body as ProductStats | undefined
    return { ...ratingOf(stats), distribution: distributionOf(stats) }
  }
}
