import { isRefusal } from '../kernel/errors.ts'
import type { Collection } from '../storage/storage.ts'
import type { IdempotencyKey } from './idempotency-store.ts'

const PAGE = 100
const MAX_ROUNDS = 20

/** The first answers that are kept for repeats, by whom and what they tell of. */
export function createKeptAnswers({ keys }: { keys: Collection<IdempotencyKey> }) {
  async function emptied({ about: _, ...key }: IdempotencyKey): Promise<void> {
    try {
      await keys.replace({ ...key, answer: null })
    } catch (error) {
      // Whoever was first has written an answer, which the next look finds.
      if (!isRefusal(error, 'version_moved')) throw error
    }
  }

  return {
    /**
     * Forgets what was answered about a person or an order, and keeps the keys: a repeat goes on under the same operation, so
     * that it does nothing twice, and is answered with what is there now.
     */
    async forget(about: string): Promise<void> {
      for (let rounds = 0; rounds < MAX_ROUNDS; rounds++) {
        const { items } = await keys.list({ index: 'about', equal: [about], limit: PAGE })
        if (items.length === 0) return
        await Promise.all(items.map(emptied))
      }
      throw new Error(`answers about ${about} kept coming while they were forgotten`)
    },
  }
}
