import { isId } from '../../kernel/ids.ts'
import type { Collection } from '../../storage/storage.ts'
import { createFreshCache } from './fresh-cache.ts'
import type { Product } from './schema.ts'
import { factsOf, type ProductFacts } from './sellable-rules.ts'

const MAX_KEPT_FACTS = 20_000

interface Needs {
  products: Pick<Collection<Product>, 'get' | 'getMany'>
}

/** What carts and orders know of products. */
export interface FactsReading {
  /** In the order of `ids`; undefined for what is not there. */
  of(ids: readonly string[]): Promise<(ProductFacts | undefined)[]>
  /** A write of this process has touched the product. */
  forget(id: string): void
}

/** With several nodes: a price is the newest there is, whichever node has written it. All are read at once. */
export function createReadFacts({ products }: Needs): FactsReading {
  return {
    async of(ids) {
      const wanted = [...new Set(ids)].filter((id) => isId(id, 'prd'))
      const found = wanted.length === 0 ? [] : await products.getMany(wanted)
      const facts = new Map(found.map((product) => [product.id, factsOf(product)]))
      return ids.map((id) => facts.get(id))
    },
    forget() {},
  }
}

/** With one node: facts are kept until a write of this process. */
export function createKeptFacts({ products }: Needs): FactsReading {
  const kept = createFreshCache<ProductFacts>({
    max_entries: MAX_KEPT_FACTS,
    load: async (id) => {
      const product = isId(id, 'prd') ? await products.get(id) : undefined
      return product && factsOf(product)
    },
  })
  return {
    async of(ids) {
      const facts: (ProductFacts | undefined)[] = []
      for (const id of ids) facts.push(kept.peek(id) ?? (await kept.get(id)))
      return facts
    },
    forget: kept.forget,
  }
}
