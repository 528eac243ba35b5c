import type { Clock } from '../../kernel/clock.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Settings } from '../settings/settings.ts'
import { createCartDocuments } from './documents.ts'
import { createEditing } from './editing.ts'
import { createCartErasing } from './erasing.ts'
import { createForOrders } from './for-orders.ts'
import { createMerging } from './merging.ts'
import { createPricing } from './pricing.ts'
import { createReading } from './reading.ts'

export type { AddItem, CartAnswer, CartOwner } from './editing.ts'
export type { CartForOrder } from './for-orders.ts'

export interface CartsOptions {
  storage: Pick<Storage, 'collection'>
  catalog: Pick<Catalog, 'sellables'>
  inventory: Pick<Inventory, 'levels'>
  settings: Pick<Settings, 'rates'>
  clock: Clock
  /** The shop's: a cart holds no other. */
  currency: string
}

export type Carts = ReturnType<typeof createCarts>

/** What shoppers gather before they order. A cart holds no stock. */
export function createCarts(options: CartsOptions) {
  const { storage, catalog, inventory, settings, clock, currency } = options
  const documents = createCartDocuments({ storage, clock })
  const around = createPricing({ catalog, inventory, currency })
  return {
    ...createReading({ documents, around, settings, clock, currency }),
    ...createEditing({ documents, around, catalog, currency }),
    ...createMerging(documents),
    ...createForOrders(documents),
    ...createCartErasing(documents),
  }
}
