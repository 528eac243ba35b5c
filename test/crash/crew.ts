import { shopper } from './load/shopper.ts'
import { staff } from './load/staff.ts'
import { visitor } from './load/visitor.ts'
import type { World } from './load/world.ts'

export interface Crew {
  /** Rejects as soon as one of them cannot go on; never resolves before `stop`. */
  failed: Promise<unknown>
  /** Lets everybody finish what is in hand. */
  stop(): Promise<void>
}

/** Everybody who loads the shop. */
export function startCrew(
  shared: Omit<World, 'stopping'>,
  { shoppers, visitors }: { shoppers: number; visitors: number },
): Crew {
  let stopped = false
  const world: World = { ...shared, stopping: () => stopped }
  const all = Promise.all([
    ...Array.from({ length: shoppers }, () => shopper(world)),
    ...Array.from({ length: visitors }, () => visitor(world)),
    staff(world),
  ])
  all.catch(() => {})
  return {
    failed: all,
    async stop() {
      stopped = true
      await all
    },
  }
}
