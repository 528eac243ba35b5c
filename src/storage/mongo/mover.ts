import { AsyncResource } from 'node:async_hooks'
import type { Db } from 'mongodb'
import type { Logger } from '../../kernel/logger.ts'
import { periodically } from '../../kernel/periodic.ts'
import { createDoubts } from './doubts.ts'
import { createHints, oldestOf, type Told } from './hints.ts'
import type { Leases } from './leases.ts'
import { type Fence, type Moved, moveEvents } from './moves.ts'
import { sweep, tellingOf } from './telling.ts'

/** How often documents are looked for whose events another node committed, or a crash left. */
const SWEEP_MS = 1_000
/** A node alone is told of all that is committed, and swept what was left when it took its ranges. */
const SWEEP_ALONE_MS = 5_000

export interface Mover {
  told(collection: string, id: string): void
  moveEvents(collection: string, ids: readonly string[]): Promise<void>
  /** Moves what this node was told of, and what was left in ranges that it took. */
  settle(): Promise<void>
  /** Ranges of this node in which nothing is left half moved: their outbox may be handed out. */
  ready(): number[]
  /** What this node was told of and has not moved yet. */
  waiting(): { count: number; oldest_at: number | null }
  stop(): Promise<void>
}

export interface MoverOptions {
  db: Db
  /** Names of all collections whose documents tell events. */
  collections: readonly string[]
  leases: Pick<Leases, 'held' | 'alone' | 'fenceOf'>
  logger: Logger
  /** Called when events came into the outbox. */
  onMoved(): void
}

/** The first stage: moves events from the documents they were committed with to the collection `outbox`. */
export function createMover({ db, collections, leases, logger, onMoved }: MoverOptions): Mover {
  const hints = createHints()
  const doubts = createDoubts(db)
  const parts = { db, logger, doubts }
  /** Holdings, by range, in which everything is moved that was there when they began, or when something failed last. */
  const swept = new Map<number, number>()
  let sweepAt = 0
  /** What the pass under way was told of: it waits still. */
  let inHand: Told | undefined

  const unswept = () => [...leases.held()].filter(([range, fence]) => swept.get(range) !== fence)
  const hasWork = () => leases.held().size > 0 && (hints.size() > 0 || unswept().length > 0)
  const holding: Fence = (range) => leases.held().get(range)

  async function pass(): Promise<void> {
    const held = leases.held()
    // Whoever holds the ranges sweeps them.
    if (held.size === 0 && !leases.alone()) hints.take()
    if (held.size === 0) return
    const due = performance.now() >= sweepAt
    const sweeping = due ? [...held] : unswept()
    const told = hints.take()
    inHand = told
    try {
      await doubts.settle()
      const ids = new Map([...told].map(([collection, some]) => [collection, some.keys()]))
      const known = await tellingOf(db, ids, [...held.keys()])
      const moved = await moveEvents(parts, known, holding)
      if (sweeping.length > 0) add(moved, await sweepAll(sweeping.map(([range]) => range)))
      for (const [range, fence] of sweeping) swept.set(range, fence)
      // What was passed over may be half moved: the same holding may be heard of again.
      for (const range of moved.passed_over) swept.delete(range)
      if (due) sweepAt = performance.now() + (leases.alone() ? SWEEP_ALONE_MS : SWEEP_MS)
      if (moved.count > 0) onMoved()
    } catch (error) {
      swept.clear()
      hints.putBack(told)
      throw error
    } finally {
      inHand = undefined
    }
  }

  async function sweepAll(ranges: number[]): Promise<Moved> {
    const all: Moved = { count: 0, passed_over: new Set() }
    for (;;) {
      const { documents, more } = await sweep(db, collections, ranges)
      const moved = await moveEvents(parts, documents, holding)
      add(all, moved)
      if (!more || moved.count === 0) return all
    }
  }

  let last: Promise<unknown> = Promise.resolve()
  /** One after the other, so that events of this node become visible in the order of their positions. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }

  let failing = false
  const job = async () => {
    await inTurn(pass)
    failing = false
  }
  const onError = (error: unknown) => {
    if (!failing) logger.warn({ err: error }, 'events could not be moved to the outbox')
    failing = true
  }
  const periodic = periodically(SWEEP_MS, job, onError)
  // What is moved belongs to no request, though a request's commit may have woken it.
  const wake = AsyncResource.bind(() => periodic.wake())

  return {
    told(collection, id) {
      if (!hints.add(collection, id)) sweepAt = 0
      wake()
    },
    moveEvents: (collection, ids) =>
      inTurn(async () => {
        await doubts.settle()
        const documents = await tellingOf(db, new Map([[collection, ids]]))
        try {
          const { count } = await moveEvents(parts, documents, leases.fenceOf)
          if (count > 0) onMoved()
        } catch (error) {
          swept.clear()
          throw error
        }
      }),
    async settle() {
      await last
      if (hasWork()) await inTurn(pass)
    },
    ready: () => [...leases.held()].flatMap(([range, fence]) => (swept.get(range) === fence ? [range] : [])),
    waiting() {
      const moving = inHand === undefined ? 0 : [...inHand.values()].reduce((sum, ids) => sum + ids.size, 0)
      const oldest = [hints.oldest(), inHand === undefined ? null : oldestOf(inHand)].filter(
        (at) => at !== null,
      )
      return { count: hints.size() + moving, oldest_at: oldest.length === 0 ? null : Math.min(...oldest) }
    },
    async stop() {
      await periodic.stop()
      await last
    },
  }
}

function add(all: Moved, { count, passed_over }: Moved): void {
  all.count += count
  for (const range of passed_over) all.passed_over.add(range)
}
