import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newId } from '../../src/kernel/ids.ts'
import type { StockLevel } from '../../src/storage/stock.ts'
import { type Draft, type OpenStorage, sku } from './stock-operation.ts'

const ORDERS = ['ord_a', 'ord_b', 'ord_c', 'ord_d', 'ord_e', 'ord_f']
const order_id = fc.constantFrom(...ORDERS)
const quantityOf = (order: string): number => 1 + ORDERS.indexOf(order)

const ofOrders = fc
  .record({ kind: fc.constantFrom('reserve', 'reserve', 'commit', 'release'), order_id })
  .map(({ kind, order_id }): Draft => ({ kind, order_id, quantity: quantityOf(order_id) }))
const restocks = fc
  .record({ order_id, ref: fc.constantFrom('r1', 'r2', 'r3') })
  .map(({ order_id, ref }): Draft => ({ kind: 'restock', order_id, quantity: quantityOf(order_id), ref }))
const adjustments = fc
  .record({ delta: fc.integer({ min: -6, max: 8 }), ref: fc.nat({ max: 20 }), own: fc.boolean() })
  .map(({ delta, ref, own }): Draft => {
    const book = own ? 'received' : 'adjusted'
    return { kind: 'adjust', delta, ref: `d${ref}`, reason: 'count', book, create: own }
  })
const drafts: fc.Arbitrary<Draft> = fc.oneof(
  { weight: 6, arbitrary: ofOrders },
  { weight: 1, arbitrary: restocks },
  { weight: 2, arbitrary: adjustments },
)
const histories = fc.array(drafts, { minLength: 1, maxLength: 60, size: 'max' })

/** Few runs may miss a kind by chance; this one has each of them done. */
const EVERY_KIND: Draft[] = [
  { kind: 'adjust', delta: 8, ref: 'd0', reason: 'count', book: 'received', create: true },
  { kind: 'reserve', order_id: 'ord_a', quantity: 1 },
  { kind: 'commit', order_id: 'ord_a', quantity: 1 },
  { kind: 'restock', order_id: 'ord_a', quantity: 1, ref: 'r1' },
  { kind: 'reserve', order_id: 'ord_b', quantity: 2 },
  { kind: 'release', order_id: 'ord_b', quantity: 2 },
]

/** The plainest reading of the protocol: maps and sums. */
function createModel() {
  const held = new Map<string, number>()
  const over = new Set<string>()
  const refs = new Set<string>()
  let there = false
  let received = 0
  let adjusted = 0
  let sold = 0
  const reserved = () => [...held.values()].reduce((sum, quantity) => sum + quantity, 0)
  const available = () => received + adjusted - sold - reserved()

  function once(ref: string, fits: boolean, act: () => void): string {
    if (refs.has(ref)) return 'already'
    if (!fits) return 'short'
    refs.add(ref)
    act()
    return 'done'
  }

  function judge(draft: Draft): string {
    switch (draft.kind) {
      case 'reserve':
        if (held.has(draft.order_id)) return 'already'
        if (over.has(draft.order_id)) return 'settled'
        if (available() < draft.quantity) return 'short'
        held.set(draft.order_id, draft.quantity)
        return 'done'
      case 'release':
      case 'commit': {
        const had = held.get(draft.order_id)
        if (had !== undefined || draft.kind === 'release') over.add(draft.order_id)
        if (!there) return 'missing'
        if (had === undefined) return 'already'
        held.delete(draft.order_id)
        if (draft.kind === 'commit') sold += had
        return 'done'
      }
      case 'restock':
        if (!there) return 'missing'
        return once(draft.ref, sold >= draft.quantity, () => {
          sold -= draft.quantity
        })
      case 'adjust':
        if (!there && !draft.create) return 'missing'
        return once(draft.ref, available() + draft.delta >= 0, () => {
          there = true
          if (draft.book === 'received') received += draft.delta
          else adjusted += draft.delta
        })
      default:
        throw new Error(`the model does not know ${draft.kind}`)
    }
  }

  return {
    judge,
    balances: () =>
      there ? { received, adjusted, available: available(), reserved: reserved(), sold } : undefined,
  }
}

/** Any sequence of operations ends as the plainest reading of the protocol says, and the books add up at each step. */
export function stockModelContract(engine: string, open: OpenStorage, { runs }: { runs: number }): void {
  test(`${engine}: whatever happens to a SKU, its books add up and its events have no gap`, async (t) => {
    const storage = await open(t)
    const seen = new Set<string>()
    const property = fc.asyncProperty(histories, async (history) => {
      const item = sku(storage, { product_id: newId('prd'), sku: 'M' })
      const model = createModel()
      for (const draft of history) {
        const verdict = await item.apply(draft)
        assert.equal(verdict.result, model.judge(draft))
        seen.add(`${draft.kind} ${verdict.result}`)
        assert.deepEqual(await item.balances(), model.balances())
        if ('level' in verdict) assertConserved(verdict.level)
      }
      const told = await item.told()
      assert.deepEqual(
        told.map((event) => event.sequence),
        told.map((_, index) => index + 1),
      )
      for (const { data } of told) assertConserved(data)
      for (const [index, { data }] of told.entries()) {
        assert.equal(data.available_before, index === 0 ? 0 : told[index - 1]!.data.available)
      }
      const last = told.at(-1)?.data
      const { received, adjusted, available, reserved, sold } = last ?? ({} as Partial<StockLevel>)
      assert.deepEqual(last && { received, adjusted, available, reserved, sold }, model.balances())
      const waiting = await storage.outbox.read(0, 1_000)
      if (waiting.length > 0) await storage.outbox.acknowledge(waiting.at(-1)!.position)
    })
    await fc.assert(property, { numRuns: runs, examples: [[EVERY_KIND]] })
    for (const kind of ['reserve', 'release', 'commit', 'restock', 'adjust']) {
      assert.ok(seen.has(`${kind} done`), `no ${kind} was ever applied, so nothing was shown`)
    }
  })
}

function assertConserved(
  level: Pick<StockLevel, 'received' | 'adjusted' | 'available' | 'reserved' | 'sold'>,
): void {
  const { received, adjusted, available, reserved, sold } = level
  assert.equal(available + reserved + sold, received + adjusted)
  assert.ok(available >= 0 && reserved >= 0 && sold >= 0)
}
