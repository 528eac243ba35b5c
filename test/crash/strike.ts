import { setTimeout as delay } from 'node:timers/promises'
import type { Fleet } from './fleet.ts'
import type { Pair } from './pairs/pair.ts'

export const KINDS = ['node', 'broker', 'database', 'provider'] as const
export type Kind = (typeof KINDS)[number]

/** Two at once, so often. */
const TWO = 0.15
/** What is away comes back after so long at most; where nothing but the provider runs beside the shop, soon. */
const LONGEST_ABSENCE_MS = { servers: 2_000, alone: 500 }

export interface StrikerOptions {
  fleet: Fleet
  pair: Pair
  kinds: readonly Kind[]
  random(): number
}

export interface Striker {
  /** Kills one or two at random, and resolves when all are back. */
  strike(): Promise<void>
  /** How often each was killed. */
  counts(): Record<Kind, number>
  /** How often there were two at once. */
  doubles(): number
}

export function createStriker({ fleet, pair, kinds, random }: StrikerOptions): Striker {
  const counts: Record<Kind, number> = { node: 0, broker: 0, database: 0, provider: 0 }
  let doubles = 0
  let bag: Kind[] = []
  const longest_ms = LONGEST_ABSENCE_MS[pair.name === 'embedded' ? 'alone' : 'servers']
  const pause = () => delay(random() * longest_ms)

  /** In random order, but each kind as often as the others. */
  function next(): Kind {
    if (bag.length === 0) bag = [...kinds]
    return bag.splice(Math.floor(random() * bag.length), 1)[0]!
  }

  function victims(): Kind[] {
    const first = next()
    const others = kinds.filter((kind) => kind !== first)
    if (others.length === 0 || random() >= TWO) return [first]
    doubles += 1
    return [first, others[Math.floor(random() * others.length)]!]
  }

  async function killAndBringBack(kind: Kind): Promise<void> {
    counts[kind] += 1
    if (kind === 'node') {
      const node = Math.floor(random() * fleet.size)
      await fleet.kill(node)
      await pause()
      return fleet.start(node)
    }
    const server = pair.servers[kind]!
    await server.kill()
    await pause()
    await server.start()
  }

  return {
    async strike() {
      await Promise.all(victims().map(killAndBringBack))
    },
    counts: () => ({ ...counts }),
    doubles: () => doubles,
  }
}
