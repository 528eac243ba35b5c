import { newId } from '../../src/kernel/ids.ts'
import {
  type ListingPosition,
  type ListingQuery,
  type ListingRow,
  PRODUCT_STATS,
  type ProductStats,
} from '../../src/storage/listing.ts'
import type { Collection, CollectionDefinition, Storage, Stored } from '../../src/storage/storage.ts'

/** A document that is little more than its row. */
export interface Listed extends Stored {
  row: ListingRow | null
}

export const LISTED: CollectionDefinition<Listed> = {
  name: 'listed',
  indexes: {},
  listing: (document) => document.row && { ...document.row, card: cardOf(document) },
}

function cardOf({ id, version, row }: Listed): string {
  return JSON.stringify({ id, version, name: row?.name })
}

export interface ListingWorld {
  storage: Storage
  listed: Collection<Listed>
  /** Adds a product; resolves to its id. */
  add(row?: Partial<ListingRow>, stats?: Partial<ProductStats>): Promise<string>
  stats(id: string, stats: Partial<ProductStats>): Promise<void>
  /** Ids on one page. */
  ids(query?: Partial<ListingQuery>): Promise<string[]>
  /** Ids on all pages of `limit`, following the cursor to its end. */
  walk(query: Partial<ListingQuery>): Promise<string[]>
}

const NOW = '2026-01-01T00:00:00.000Z'
const NO_STATS: ProductStats = {
  available: {},
  available_total: 0,
  sold_of: {},
  sold: 0,
  rating_sum: 0,
  rating_count: 0,
}

export function rowOf(fields: Partial<ListingRow> = {}): ListingRow {
  const name = fields.name ?? 'Plain thing'
  const text = { name, skus: '', tags: (fields.tags ?? []).join(' '), description: '' }
  return {
    price: 1_000,
    currency: 'USD',
    name,
    category_ids: [],
    tags: [],
    attributes: [],
    card: '',
    ...fields,
    text: { ...text, ...fields.text },
  }
}

export function createListingWorld(storage: Storage): ListingWorld {
  const listed = storage.collection(LISTED)
  const { listing } = storage
  const world: ListingWorld = {
    storage,
    listed,
    async add(fields = {}, stats) {
      const id = newId('prd')
      if (stats) await world.stats(id, stats)
      await listed.insert({ id, row: rowOf(fields), created_at: NOW, updated_at: NOW })
      return id
    },
    async stats(id, stats) {
      const [before] = await storage.rollUps.read(PRODUCT_STATS, [id])
      const fence = { 'ecommerce-inventory/0': (before?.fence['ecommerce-inventory/0'] ?? 0) + 1 }
      const body = { ...NO_STATS, ...stats }
      await storage.rollUps.write(PRODUCT_STATS, [{ id, fence, body, expected: before?.fence ?? null }], [])
    },
    async ids(query = {}) {
      const page = await listing.page({ sort: '-created_at', limit: 100, ...query })
      return page.cards.map((card) => JSON.parse(card).id)
    },
    async walk(query) {
      const ids: string[] = []
      let after: ListingPosition | undefined
      for (;;) {
        const page = await listing.page({ sort: '-created_at', limit: 3, ...query, ...(after && { after }) })
        ids.push(...page.cards.map((card) => JSON.parse(card).id))
        if (!page.next) return ids
        // As it would come back from a client.
        after = JSON.parse(JSON.stringify(page.next))
      }
    },
  }
  return world
}
