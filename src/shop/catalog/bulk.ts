import { type Fault, isRefusal } from '../../kernel/errors.ts'
import { isId } from '../../kernel/ids.ts'
import { createKeyedQueue } from '../../kernel/keyed-queue.ts'
import {
  BULK_AT_ONCE,
  type BulkAnswer,
  type BulkChange,
  type BulkVerdict,
  MAX_BULK_CHANGES,
} from './bulk-schema.ts'
import type { createProducts } from './products.ts'
import { busy } from './refusal-rules.ts'
import type { Product } from './schema.ts'

export interface BulkBy {
  operation_id: string
  actor: string
  /** What is wrong with one change; nothing for one that fits BulkChange. */
  judge(change: unknown): Fault[]
}

type Needs = Pick<ReturnType<typeof createProducts>, 'change' | 'find'>

/** Changes many products, each judged and committed alone; of one product in the order of the request. */
export function createBulkChanges({ change, find }: Needs) {
  async function changed(index: number, key: string, given: BulkChange, by: BulkBy): Promise<BulkVerdict> {
    const { id: _, version: expected_version, ...fields } = given
    const before = await find(key)
    const operation_id = `${by.operation_id}/${index}`
    const after = await change(before?.id ?? key, fields, { operation_id, actor: by.actor, expected_version })
    return {
      index,
      id: after.id,
      result: isSame(before, after) ? 'unchanged' : 'changed',
      version: after.version,
    }
  }

  async function verdictOn(index: number, key: string, given: unknown, by: BulkBy): Promise<BulkVerdict> {
    const faults = by.judge(given)
    if (faults.length > 0) {
      const message = 'The change does not fit; `errors` names each fault.'
      return { index, id: null, result: 'refused', code: 'invalid_change', message, errors: faults }
    }
    try {
      return await changed(index, key, given as BulkChange, by)
    } catch (error) {
      // What is away is away for all; the request may be sent again.
      if (!isRefusal(error) || error.code === 'storage_unavailable') throw error
      const { code, message, details } = error
      const product = await find(key)
      const errors = details.errors && { errors: details.errors }
      return { index, id: product?.id ?? null, result: 'refused', code, message, ...errors }
    }
  }

  /** The ids of the products that are named by their slugs: changes of one product have one key, however each names it. */
  async function idsOf(slugs: ReadonlySet<string>): Promise<Map<string, string>> {
    const ids = new Map<string, string>()
    const left = slugs.values()
    const work = async () => {
      for (const slug of left) {
        const product = await find(slug)
        if (product) ids.set(slug, product.id)
      }
    }
    await Promise.all(Array.from({ length: BULK_AT_ONCE }, work))
    return ids
  }

  /** Verdicts in the order of `changes`. Throws only when the storage cannot be written; what was changed by then stays. */
  return async (changes: readonly unknown[], by: BulkBy): Promise<BulkAnswer> => {
    const inTurn = createKeyedQueue({ max_waiting: MAX_BULK_CHANGES, full: busy })
    const names = changes.map(nameIn)
    const ids = await idsOf(new Set(names.filter((name) => !isId(name, 'prd'))))
    const items = new Array<BulkVerdict>(changes.length)
    let next = 0
    const work = async () => {
      for (let index = next++; index < changes.length; index = next++) {
        const key = ids.get(names[index]!) ?? names[index]!
        items[index] = await inTurn(key, () => verdictOn(index, key, changes[index], by))
      }
    }
    await Promise.all(Array.from({ length: BULK_AT_ONCE }, work))
    const count = (result: BulkVerdict['result']) => items.filter((item) => item.result === result).length
    return { changed: count('changed'), unchanged: count('unchanged'), refused: count('refused'), items }
  }
}

function nameIn(given: unknown): string {
  const id = (given as { id?: unknown } | null)?.id
  return typeof id === 'string' ? id : ''
}

/** Whatever is written of a product raises its version. */
function isSame(before: Product | undefined, after: Product): boolean {
  return before !== undefined && before.version === after.version
}
