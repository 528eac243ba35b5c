import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { RollUps } from '../storage/roll-ups.ts'
import { startConsumers } from './consumers.ts'
import { beginAgain, firstGeneration, formerOf, freshFence, type Generation, numberIn } from './generation.ts'
import { forgetParked, type Parked, parkedBy } from './parking.ts'
import type { RollUpReaction } from './reaction.ts'
import type { Repeats } from './repeats.ts'
import type { Log } from './stream.ts'

const PAGE = 500

export interface RebuildOptions {
  reaction: RollUpReaction
  log: Log
  rollUps: RollUps
  clock: Clock
  logger: Logger
  /** As for the consumers. */
  repeats?: Repeats
  onProgress?(events: number): void
}

/**
 * Counts a roll-up anew, from the beginning of the log, with the code that counts while the shop runs. On the embedded log
 * nobody else may run the group meanwhile; on a log of several nodes those that run take part. Interrupted, it goes
 * on where it was as soon as a shop runs.
 */
export async function rebuildRollUp(options: RebuildOptions): Promise<{ events: number; parked: Parked[] }> {
  const { reaction, log, rollUps, clock, logger, repeats, onProgress } = options
  const shared = (await log.outboxPosition()) === null
  const generation = shared ? await beginAgain(rollUps, reaction.name) : await dropAll(rollUps, reaction.name)
  let events = 0
  const onHandled = (_group: string, count: number) => {
    events += count
    onProgress?.(events)
  }
  const reactions = [reaction]
  const consumers = await startConsumers({
    ...{ log, rollUps, reactions, clock, logger, repeats, onHandled },
    linger_ms: 0,
  })
  try {
    await consumers.caughtUp()
  } finally {
    await consumers.stop()
  }
  if (shared) await clearFormer(reaction, rollUps, generation)
  return { events, parked: await parkedBy(rollUps, generation.key) }
}

async function dropAll(rollUps: RollUps, group: string): Promise<Generation> {
  await rollUps.drop(group)
  await forgetParked(rollUps, group)
  return firstGeneration(group)
}

/** What the former generation left, once the nodes that wrote it have begun anew. */
async function clearFormer(
  reaction: RollUpReaction,
  rollUps: RollUps,
  generation: Generation,
): Promise<void> {
  const { name } = reaction
  const former = formerOf(name, generation)
  await forgetParked(rollUps, former.key)
  await rollUps.drop(`${former.key}.sequences`)
  for (let from = ''; ; ) {
    const page = await rollUps.range(name, { from, limit: PAGE })
    for (const { id, fence } of page) {
      if (numberIn(fence) >= generation.number) continue
      // No event of the log changes it any more, and readers would still find it as it was. Refused means that one does.
      const emptied = { id, expected: fence, fence: freshFence(generation), body: reaction.empty(id) }
      await rollUps.write(name, [emptied], [])
    }
    if (page.length < PAGE) return
    from = `${page.at(-1)!.id}\u0000`
  }
}
