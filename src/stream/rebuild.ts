import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { RollUps } from '../storage/roll-ups.ts'
import { startConsumers } from './consumers.ts'
import {
  beginAgain,
  firstGeneration,
  formerOf,
  freshFence,
  type Generation,
  generationOf,
  nextOf,
  numberIn,
} from './generation.ts'
import { forgetParked, type Parked, parkedBy } from './parking.ts'
import type { AppendReaction, RollUpReaction } from './reaction.ts'
import type { Repeats } from './repeats.ts'
import type { Log } from './stream.ts'
import { acceptTopics, topicIdsOf } from './topic-ids.ts'

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
  const generation = shared
    ? await beginAnew(reaction, { log, rollUps })
    : await dropAll(rollUps, reaction.name)
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
  if (shared) {
    await forgetFormer(rollUps, formerOf(reaction.name, generation))
    await clearFormer(reaction, rollUps, generation)
  }
  return { events, parked: await parkedBy(rollUps, generation.key) }
}

/**
 * Lets a group whose work may be repeated read the log from its beginning again, and try again what it parked: the nodes that
 * run take it up, or the next start. On the embedded log nobody else may run the group meanwhile.
 */
export async function readAgain(reaction: ReadFrom, { log, rollUps }: Places): Promise<void> {
  const shared = (await log.outboxPosition()) === null
  if (!shared) await dropAll(rollUps, reaction.name)
  else await forgetFormer(rollUps, formerOf(reaction.name, await beginAnew(reaction, { log, rollUps })))
}

export type ReadFrom = Pick<AppendReaction, 'name' | 'topics'>

interface Places {
  log: Pick<Log, 'outboxPosition' | 'topicIds'>
  rollUps: RollUps
}

/** Raises the generation. It takes the topics as they are, also those that the former one refused. */
async function beginAnew({ name, topics }: ReadFrom, { log, rollUps }: Places): Promise<Generation> {
  const former = await generationOf(rollUps, name)
  const { key: next_key } = nextOf(name, former)
  await acceptTopics({ rollUps, log, topics, key: former.key, next_key })
  return beginAgain(rollUps, name)
}

/** What a generation knew of the log. */
async function forgetFormer(rollUps: RollUps, { key }: Generation): Promise<void> {
  await forgetParked(rollUps, key)
  await rollUps.drop(`${key}.sequences`)
  await rollUps.drop(topicIdsOf(key))
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
