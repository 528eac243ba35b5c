import type { Db } from 'mongodb'
import type { Logger } from '../../kernel/logger.ts'
import { type Periodic, periodically } from '../../kernel/periodic.ts'
import { OPERATION } from './connection.ts'
import {
  LEASE_MS,
  LEASES,
  type LeaseDocument,
  leave,
  prolong,
  release,
  standing,
  take,
} from './lease-documents.ts'

const RENEW_MS = 1_500
/** A lease that ends sooner is not used any more: what is begun should end within it. */
const MARGIN_MS = 1_000

export interface Leases {
  /** Ranges that this node holds for a while yet, each with the number of its holding. */
  held(): Map<number, number>
  /** The number of a range's holding, whoever has it, as this node knew it last. */
  fenceOf(range: number): number
  /** Whether this node is the only one that lives. */
  alone(): boolean
  /** Takes part: from now on prolongs what it holds, takes its share of what is free, gives back what is more than that. */
  start(): Promise<void>
  /** Only prolongs: a write that tells whether the database takes any. */
  probe(): Promise<void>
  /** Gives everything back. */
  stop(): Promise<void>
}

export interface LeasesOptions {
  db: Db
  node_id: string
  logger: Logger
  /** Whether events of this range were handed out and are not confirmed: then it is given back later. */
  busy(range: number): boolean
}

interface Held {
  fence: number
  /** On this process's own clock, counted from before the lease was asked for. */
  until: number
  leaving: boolean
}

/**
 * Shares out the ranges of events among the nodes, each by a lease, so that they seldom move an event twice. Nothing is
 * lost or reordered when two nodes take themselves for the holder of one range (docs/decisions/0093).
 */
export function createLeases({ db, node_id, logger, busy }: LeasesOptions): Leases {
  const leases = db.collection<LeaseDocument>(LEASES)
  const mine = new Map<number, Held>()
  const fences = new Map<number, number>()
  let nodes = 1
  const write = (writes: Parameters<typeof leases.bulkWrite>[0]) =>
    leases.bulkWrite(writes, { ordered: false, ...OPERATION })

  async function renew(): Promise<void> {
    const asked = performance.now()
    await write(prolong(node_id))
    const all = await standing(leases)
    note(all, { prolonged: asked })
    const ranges = all.filter(({ range }) => range !== null)
    nodes = Math.max(1, all.filter(({ range, live }) => range === null && live).length)
    const share = Math.ceil(ranges.length / nodes)
    const giving = [...mine.keys()].slice(share)
    for (const [range, held] of mine) held.leaving = giving.includes(range)
    const free = ranges.filter(({ live }) => !live).map(({ range }) => range!)
    const wanted = shuffled(free).slice(0, Math.max(0, share - mine.size))
    const given = giving.filter((range) => !busy(range))
    if (wanted.length + given.length === 0) return
    const taken = performance.now()
    await write([
      ...wanted.map((range) => take(node_id, range)),
      ...given.map((range) => release(node_id, range)),
    ])
    note(await standing(leases), { taken })
    logger.debug({ ranges: [...mine.keys()], nodes }, 'ranges of the outbox were shared out')
  }

  /** What the database says is mine, and when it was asked to make it so. */
  function note(
    all: Awaited<ReturnType<typeof standing>>,
    { prolonged, taken }: { prolonged?: number; taken?: number },
  ): void {
    const before = new Map(mine)
    mine.clear()
    for (const { range, owner, live, fence } of all) {
      if (range !== null) fences.set(range, fence)
      if (range === null || owner !== node_id || !live) continue
      const known = before.get(range)?.fence === fence ? before.get(range) : undefined
      const asked = prolonged ?? (known ? undefined : taken)
      const until = asked === undefined ? known!.until : asked + LEASE_MS
      mine.set(range, { fence, until, leaving: known?.leaving ?? false })
    }
  }

  let failing = false
  const onError = (error: unknown) => {
    if (!failing) logger.warn({ err: error }, 'leases of the outbox could not be renewed')
    failing = true
  }
  const job = async () => {
    await renew()
    failing = false
  }
  let periodic: Periodic | undefined

  return {
    async start() {
      await renew()
      periodic = periodically(RENEW_MS, job, onError)
    },
    async probe() {
      await write(prolong(node_id))
    },
    fenceOf: (range) => fences.get(range) ?? 0,
    alone: () => nodes === 1,
    held() {
      const still = performance.now() + MARGIN_MS
      const usable = [...mine].filter(([, { until, leaving }]) => until > still && !leaving)
      return new Map(usable.map(([range, { fence }]) => [range, fence]))
    },
    async stop() {
      await periodic?.stop()
      mine.clear()
      await write(leave(node_id))
    },
  }
}

/** So that nodes that start together do not all reach for the same ranges. */
function shuffled<T>(items: T[]): T[] {
  return items
    .map((item) => ({ item, by: Math.random() }))
    .sort((a, b) => a.by - b.by)
    .map(({ item }) => item)
}
