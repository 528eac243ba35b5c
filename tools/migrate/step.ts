import { setTimeout as sleep } from 'node:timers/promises'
import { isRefusal } from '../../src/kernel/errors.ts'
import type { MongoImport } from '../../src/storage/mongo/import.ts'

/** A page that the target could not take is tried again: a primary steps down, a pool is full. */
const MAX_ATTEMPTS = 10
const LONGEST_PAUSE_MS = 5_000
const LINE_EVERY_MS = 2_000

/** Writes a line of progress. */
export type Say = (line: string) => void

/** Something that is copied in pages, in an order in which it can go on. */
export interface Step<Item, Position> {
  name: string
  /** Nothing when there is no more. */
  page(after: Position | null): Item[] | Promise<Item[]>
  positionOf(item: Item): Position
  write(items: Item[], page: { doubtful: boolean }): Promise<void>
}

interface Progress<Position> {
  after: Position | null
  count: number
  done: boolean
}

export interface Stepping {
  house: Pick<MongoImport, 'progress' | 'setProgress'>
  /** Whether an earlier run was broken off: then what it did last may be there in part. */
  resumed: boolean
  say: Say
}

/** Copies what is left of a step and keeps in the target how far it has come. */
export async function runStep<Item, Position>(
  { house, resumed, say }: Stepping,
  step: Step<Item, Position>,
): Promise<void> {
  const known = house.progress(step.name) as Progress<Position> | undefined
  const progress = known ?? { after: null, count: 0, done: false }
  if (progress.done) return
  const tell = lines(say)
  let doubtful = resumed
  for (;;) {
    const items = await step.page(progress.after)
    if (items.length === 0) break
    const attempt = doubtful
    await steadily((repeated) => step.write(items, { doubtful: attempt || repeated }))
    doubtful = false
    progress.after = step.positionOf(items.at(-1)!)
    progress.count += items.length
    await steadily(() => house.setProgress(step.name, progress))
    tell(`${step.name}: ${progress.count}`)
  }
  progress.done = true
  await steadily(() => house.setProgress(step.name, progress))
  if (progress.count > 0) say(`${step.name}: ${progress.count}, all of them`)
}

/** Tries again what the target refused because it could not take it just then. */
export async function steadily<T>(work: (repeated: boolean) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt > 1)
    } catch (error) {
      const passing = isRefusal(error) && error.kind === 'unavailable'
      if (!passing || attempt >= MAX_ATTEMPTS) throw error
      await sleep(Math.min(100 * 2 ** attempt, LONGEST_PAUSE_MS))
    }
  }
}

/** Says a line only when the last one is old enough. */
export function lines(say: Say): Say {
  let next = performance.now() + LINE_EVERY_MS
  return (line) => {
    if (performance.now() < next) return
    next = performance.now() + LINE_EVERY_MS
    say(line)
  }
}
