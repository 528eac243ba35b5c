import type { TestContext } from 'node:test'
import type { CloudEvent } from '../../src/kernel/event.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { StockKey, StockLevel, StockOperation, StockVerdict } from '../../src/storage/stock.ts'
import type { StockChange } from '../../src/storage/stock-event.ts'
import type { Storage } from '../../src/storage/storage.ts'

/** What a contract suite needs of an engine: a fresh, empty storage that the test's end closes. */
export type OpenStorage = (test: TestContext) => Promise<Storage>

type Own<T> = T extends StockOperation
  ? Omit<T, keyof StockKey | 'event_id' | 'at' | 'actor'> & { at?: number }
  : never
/** An operation without what every one of them has. */
export type Draft = Own<StockOperation>

export const SHIRT: StockKey = { product_id: newId('prd'), sku: 'SHIRT-M' }

/** A complete operation on a SKU. */
export function operation(draft: Draft, key: StockKey = SHIRT): StockOperation {
  const stamp = { event_id: newId('evt'), at: Date.now(), actor: 'system' }
  return { ...key, ...stamp, ...draft } as StockOperation
}

/** Goods that arrive, once for each ref. */
export function arrival(delta: number, ref: string = newId('op')): Draft {
  return { kind: 'adjust', delta, ref, reason: 'delivery', book: 'received', create: true }
}

/** One SKU of a storage, as a case plays with it. */
export function sku(storage: Storage, key: StockKey = SHIRT) {
  return {
    key,
    async apply(draft: Draft): Promise<StockVerdict> {
      const [verdict] = await storage.stock.apply([operation(draft, key)])
      return verdict!
    },
    async level(): Promise<StockLevel | undefined> {
      const [level] = await storage.stock.getMany([key])
      return level
    },
    /** The balances that the books are kept of. */
    async balances() {
      const [level] = await storage.stock.getMany([key])
      if (!level) return undefined
      const { received, adjusted, available, reserved, sold } = level
      return { received, adjusted, available, reserved, sold }
    },
    /** What it told, in order. */
    async told(): Promise<CloudEvent<StockChange>[]> {
      const subject = `stock/${key.product_id}/${key.sku}`
      const events: CloudEvent<StockChange>[] = []
      let after = 0
      for (;;) {
        const entries = await storage.outbox.read(after, 1_000)
        for (const { event } of entries) {
          if (event.subject === subject) events.push(event as CloudEvent<StockChange>)
        }
        if (entries.length < 1_000) return events
        after = entries.at(-1)!.position
      }
    },
  }
}
