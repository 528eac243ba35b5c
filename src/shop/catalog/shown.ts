import { isId } from '../../kernel/ids.ts'
import type { Money } from '../../kernel/money.ts'
import { PRODUCT_STATS, type ProductStats } from '../../storage/listing.ts'
import type { Collection, Storage } from '../../storage/storage.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { cardFields } from './card-schema.ts'
import type { Product, ProductCard } from './schema.ts'
import { factsOf } from './sellable-rules.ts'
import { ratingOf } from './view-rules.ts'

interface Needs {
  storage: Pick<Storage, 'rollUps'>
  products: Pick<Collection<Product>, 'getMany'>
  inventory: Pick<Inventory, 'ofProducts'>
}

/** A product that is for sale, as lists show it, with exact figures. */
export interface ShownProduct {
  card: ProductCard
  /** Its SKUs, each with what it costs and how many there are. */
  forms: ReadonlyMap<string, { price: Money; available: number }>
}

/** Products by their ids, read together; those that are not for sale are left out. */
export function createShown({ storage, products, inventory }: Needs) {
  return async function shown(ids: readonly string[]): Promise<Map<string, ShownProduct>> {
    const wanted = [...new Set(ids)].filter((id) => isId(id, 'prd'))
    if (wanted.length === 0) return new Map()
    const [found, levels, rollUps] = await Promise.all([
      products.getMany(wanted),
      inventory.ofProducts(wanted),
      storage.rollUps.read(PRODUCT_STATS, wanted),
    ])
    const stats = new Map(rollUps.map(({ id, body }) => [id, body as ProductStats]))
    const available = new Map(levels.map((level) => [`${level.product_id}/${level.sku}`, level.available]))
    return new Map(
      found
        .filter(({ status }) => status === 'active')
        .map((product) => [product.id, shownOf(product, { available, stats: stats.get(product.id) })]),
    )
  }
}

function shownOf(
  product: Product,
  around: { available: ReadonlyMap<string, number>; stats: ProductStats | undefined },
): ShownProduct {
  const forms = new Map(
    [...factsOf(product).skus].map(([sku, { price }]) => [
      sku,
      { price, available: around.available.get(`${product.id}/${sku}`) ?? 0 },
    ]),
  )
  const available = [...forms.values()].reduce((sum, form) => sum + form.available, 0)
  return { card: { ...cardFields(product), available, rating: ratingOf(around.stats) }, forms }
}
