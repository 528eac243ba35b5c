import type { Clock } from '../../kernel/clock.ts'
import type { Nodes } from '../../kernel/nodes.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { createBulkChanges } from './bulk.ts'
import { createCategories } from './categories.ts'
import { createLists } from './lists.ts'
import { type ChangeBy, createProducts } from './products.ts'
import { createReading } from './reading.ts'
import { type NewProduct, PRODUCTS, type Product, type ProductChange } from './schema.ts'
import { createStockPromises } from './stock-promises.ts'

export { listText, type ProductListPage, type ProductListQuery } from './lists.ts'

export interface CatalogOptions {
  storage: Pick<Storage, 'collection' | 'listing' | 'rollUps'>
  inventory: Pick<Inventory, 'ofProducts' | 'onChange' | 'applyPending'>
  nodes: Nodes
  clock: Clock
  /** The shop's: prices are compared in it unless another is asked for. */
  currency: string
}

export type ProductTitle = Pick<Product, 'name' | 'status'>

export type Catalog = ReturnType<typeof createCatalog>

/** What the shop sells: products, their categories, lists and search. */
export function createCatalog({ storage, inventory, nodes, clock, currency }: CatalogOptions) {
  const documents = storage.collection(PRODUCTS)
  const categories = createCategories({
    storage,
    products: documents,
    nodes,
    clock,
    onRemoved: () => reading.forgetAll(),
  })
  const onWrite = (id: string) => reading.forget(id)
  const promises = createStockPromises({ products: documents, inventory, onWrite })
  const products = createProducts({ products: documents, promises, categories, clock, onWrite })
  const reading = createReading({
    storage,
    products: documents,
    find: products.find,
    inventory,
    categories,
    nodes,
  })
  const { list, listByStatus } = createLists({ storage, products: documents, categories, currency })

  return {
    create: async (input: NewProduct, by: ChangeBy) => reading.viewOf(await products.create(input, by)),
    change: async (key: string, input: ProductChange, by: ChangeBy) =>
      reading.viewOf(await products.change(key, input, by)),
    archive: products.archive,
    /** Many changes with a verdict each. */
    changeMany: createBulkChanges(products),
    restore: async (key: string, by: ChangeBy) => reading.viewOf(await products.restore(key, by)),
    page: reading.page,
    staffPage: reading.staffPage,
    list,
    listByStatus,
    sellables: reading.sellables,
    skusOf: reading.skusOf,
    /** Names of products in any status, by id. */
    async titles(ids: readonly string[]): Promise<Map<string, ProductTitle>> {
      const found = await documents.getMany([...new Set(ids)])
      return new Map(found.map(({ id, name, status }) => [id, { name, status }]))
    },
    categories,
    oldestPending: promises.oldestPending,
    /** Finishes what was left half-way: stock promised by products, changes of categories. */
    async recover(): Promise<void> {
      await categories.advance()
      await promises.recover()
    },
  }
}
