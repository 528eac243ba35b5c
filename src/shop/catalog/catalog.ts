import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Nodes } from '../../kernel/nodes.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { createBulkChanges } from './bulk.ts'
import { createCategories } from './categories.ts'
import { createExporting } from './exporting.ts'
import { type Media, UNSETTLED_IMAGES } from './image-schema.ts'
import { createImages } from './images.ts'
import { createImporting } from './importing.ts'
import { createLists } from './lists.ts'
import { type ChangeBy, createProducts } from './products.ts'
import { createRatings } from './ratings.ts'
import { createReading } from './reading.ts'
import { createRehearsing } from './rehearsing.ts'
import { type NewProduct, PRODUCTS, type Product, type ProductChange } from './schema.ts'
import { createShown } from './shown.ts'
import { createStockPromises } from './stock-promises.ts'
import { createUnsettledImages } from './unsettled-images.ts'

export { listText, type ProductListPage, type ProductListQuery } from './lists.ts'
export type { ShownProduct } from './shown.ts'

export interface CatalogOptions {
  storage: Pick<Storage, 'collection' | 'listing' | 'rollUps'>
  inventory: Pick<Inventory, 'ofProducts' | 'onChange' | 'applyPending'>
  nodes: Nodes
  media: Media
  clock: Clock
  logger: Logger
  /** The shop's: prices are compared in it unless another is asked for. */
  currency: string
}

export type ProductTitle = Pick<Product, 'name' | 'status'>

export type Catalog = ReturnType<typeof createCatalog>

/** What the shop sells: products, their categories, lists and search. */
export function createCatalog({ storage, inventory, nodes, media, clock, logger, currency }: CatalogOptions) {
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
  const unsettled = createUnsettledImages({
    notes: storage.collection(UNSETTLED_IMAGES),
    products: documents,
    media,
    clock,
    logger,
    onWrite,
  })
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
    statsWritten: reading.statsWritten,
    ratings: createRatings({ storage }),
    shown: createShown({ storage, products: documents, inventory }),
    /** The product that has this SKU, also an archived one. */
    async idOfSku(sku: string): Promise<string | undefined> {
      return (await documents.getBy('skus', [sku]))?.id
    },
    importing: createImporting({
      ...{ products, documents, inventory },
      rehearsing: createRehearsing({ documents, categories }),
    }),
    exporting: createExporting({ documents, inventory, categories }),
    /** Names of products in any status, by id. */
    async titles(ids: readonly string[]): Promise<Map<string, ProductTitle>> {
      const found = await documents.getMany([...new Set(ids)])
      return new Map(found.map(({ id, name, status }) => [id, { name, status }]))
    },
    categories,
    images: createImages({ products, media, unsettled }),
    oldestPending: promises.oldestPending,
    /** Finishes what was left half-way: stock promised by products, changes of categories. */
    async recover(): Promise<void> {
      await categories.advance()
      await promises.recover()
    },
    /** Removes files of images that were never named, or are not any more. */
    sweep: unsettled.sweep,
  }
}
