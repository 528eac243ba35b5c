import type { StockOperation } from '../stock.ts'
import { stockId } from './stock-documents.ts'

/** Operations on one document that are sent at once: it is written anew for each, and their events wait in it. */
const MAX_OF_A_GROUP = 50

interface Group<Asked> {
  kind: 'reserve' | 'settle' | 'other'
  orders: Set<string>
  members: Set<Asked>
}

/**
 * What was asked of each document, in order, in groups that are sent one after the other. What became of an operation is told
 * from its document afterwards, so a group holds several only where each leaves the others' answers as they are:
 * reservations of different orders, or releases and commits of different orders.
 */
export function createLines<Asked extends { operation: StockOperation }>() {
  const lines = new Map<string, Group<Asked>[]>()
  let size = 0

  return {
    size: () => size,

    add(asked: Asked): void {
      const { operation } = asked
      const id = stockId(operation)
      const line = lines.get(id) ?? []
      lines.set(id, line)
      const kind = kindOf(operation)
      const order = 'order_id' in operation ? operation.order_id : ''
      let group = line.at(-1)
      if (!group || kind === 'other' || kind !== group.kind || !hasRoom(group, order)) {
        group = { kind, orders: new Set(), members: new Set() }
        line.push(group)
      }
      group.orders.add(order)
      group.members.add(asked)
      size += 1
    },

    /** The first group of each document, about `limit` operations. Documents that had to wait come first the next time. */
    heads(limit: number): Asked[] {
      const heads: Asked[] = []
      for (const [id, line] of [...lines]) {
        if (heads.length >= limit) break
        heads.push(...line[0]!.members)
        lines.delete(id)
        lines.set(id, line)
      }
      return heads
    },

    /** Takes out what is answered. */
    remove(asked: Asked): void {
      const id = stockId(asked.operation)
      const line = lines.get(id)!
      const place = line.findIndex(({ members }) => members.delete(asked))
      size -= 1
      if (line[place]!.members.size > 0) return
      line.splice(place, 1)
      if (line.length === 0) lines.delete(id)
    },

    /** All that wait, in no order. */
    all(): Asked[] {
      return [...lines.values()].flatMap((line) => line.flatMap(({ members }) => [...members]))
    },
  }
}

function hasRoom({ orders, members }: Group<unknown>, order: string): boolean {
  return !orders.has(order) && members.size < MAX_OF_A_GROUP
}

function kindOf({ kind }: StockOperation): Group<unknown>['kind'] {
  if (kind === 'reserve') return 'reserve'
  return kind === 'release' || kind === 'commit' ? 'settle' : 'other'
}
