import { type Attempt, openHistory } from './history.ts'
import type { World } from './load/world.ts'
import { randomNumbers } from './random.ts'

export interface Told {
  attempts: number
  /** Acknowledged ones. */
  orders: number
  /** Attempts that were not answered, or with 5xx but 503, which asks to come again. */
  failed: number
}

/** A world that loads a shop on the embedded pair, its history in a file, and how much was told so far. */
export function countedWorld({
  seed,
  history,
  client,
}: { seed: number; history: string } & Pick<World, 'client'>) {
  const notes = openHistory(history)
  const told: Told = { attempts: 0, orders: 0, failed: 0 }
  const world: Omit<World, 'stopping'> = {
    client,
    random: randomNumbers(seed),
    history: {
      ...notes,
      add(attempt: Attempt) {
        notes.add(attempt)
        told.attempts += 1
        if (attempt.kind === 'order' && attempt.outcome === 'ok') told.orders += 1
        if (attempt.status === 0 || (attempt.status >= 500 && attempt.status !== 503)) told.failed += 1
      },
    },
    canaries: {
      password: `canary-pw-${seed}-x7`,
      name: `Canary Namesake ${seed}`,
      street: `Canary Street ${seed}`,
    },
    products: [],
    seen: new Set(),
    cards: true,
    visitor_pause_ms: 0,
  }
  return { world, told: () => ({ ...told }), close: notes.close }
}
