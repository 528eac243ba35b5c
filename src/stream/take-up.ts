import type { Topic } from '../kernel/event.ts'
import type { Logger } from '../kernel/logger.ts'
import type { RollUps } from '../storage/roll-ups.ts'
import { coalesced } from './coalesced.ts'
import { type Generation, generationOf, Superseded } from './generation.ts'
import { forgetParked, type Parking } from './parking.ts'
import type { Reaction } from './reaction.ts'
import type { Log } from './stream.ts'
import { topicsSeen } from './topic-ids.ts'

/** Where a group goes on when a partition is taken up. */
export interface TakeUp {
  position(topic: Topic, partition: number): Promise<number>
  /** Whether the beginning of this place is gone: retention took it, or the topic was made anew. */
  trimmed(place: string): boolean
  /** A place that cannot be read on, in words; null when there is none. */
  refusal(): string | null
}

export interface TakeUpOptions {
  reaction: Reaction
  generation: Generation
  log: Pick<Log, 'ends' | 'topicIds'>
  rollUps: RollUps
  logger: Logger
}

/**
 * On a log of our own nobody else moves the positions: they are read once. When results count more than the log has
 * (a log restored from an older copy), they are dropped and built again.
 */
export async function takeUpAlone(options: TakeUpOptions): Promise<TakeUp> {
  const { reaction, log, rollUps, logger } = options
  const { name, topics } = reaction
  const ends = await log.ends(topics)
  let stored = await positionsOf(rollUps, name)
  if (ends.some((end) => (stored.get(placeOf(end)) ?? 0) > end.next)) {
    logger.warn(
      { group: name },
      'the log ends before what this group has counted; it is built again from the log',
    )
    await rollUps.drop(name)
    await forgetParked(rollUps, name)
    stored = new Map()
  }
  const start = new Map(ends.map((end) => [placeOf(end), Math.max(end.first, stored.get(placeOf(end)) ?? 0)]))
  return {
    position: async (topic, partition) => start.get(`${topic}/${partition}`) ?? 0,
    trimmed: () => false,
    refusal: () => null,
  }
}

/**
 * Where several nodes read one log, a partition comes from a node that may have written a moment ago: everything is
 * read when it is taken up. Nothing is dropped: a log that ends too early may be the wrong one, and the results
 * belong to other nodes, too.
 */
export function takeUpShared(options: TakeUpOptions & { parking: Pick<Parking, 'reload'> }): TakeUp {
  const { reaction, generation, log, rollUps, logger, parking } = options
  const { name, topics } = reaction
  const trimmed = new Set<string>()
  const refused = new Map<string, string>()

  const look = coalesced(async () => {
    const current = await generationOf(rollUps, name)
    if (current.number !== generation.number) throw new Superseded(name)
    await parking.reload()
    const [stored, ends, seen] = await Promise.all([
      positionsOf(rollUps, generation.key),
      log.ends(topics),
      topicsSeen({ rollUps, log, topics, key: generation.key }),
    ])
    return { stored, seen, ends: new Map(ends.map((end) => [placeOf(end), end])) }
  })

  const refuse = (place: string, found: string): never => {
    const message =
      `${found}: the topic was made anew, or this is another cluster. Correct the address, or build the ` +
      `results again from this log: npm run rebuild -- ${name}`
    if (refused.get(place) !== message) logger.error({ group: name, place }, message)
    refused.set(place, message)
    throw new Error(message)
  }

  return {
    async position(topic, partition) {
      const place = `${topic}/${partition}`
      const { stored, seen, ends } = await look()
      const end = ends.get(place)
      if (!end) throw new Error(`the log does not tell where ${place} ends`)
      const counted = stored.get(place) ?? 0
      if (seen.strange.has(topic)) refuse(place, `${topic} is not the one that ${name} has read before`)
      if (counted > end.next)
        refuse(place, `${place} ends at ${end.next}, but ${name} has counted it up to ${counted}`)
      refused.delete(place)
      if (end.first > 0 || seen.anew.has(topic)) trimmed.add(place)
      return Math.max(end.first, counted)
    },
    trimmed: (place) => trimmed.has(place),
    refusal: () => [...refused.values()][0] ?? null,
  }
}

/** Next offset by `topic/partition`, as stored; `key` names the group's generation. */
export async function positionsOf(
  rollUps: Pick<RollUps, 'positions'>,
  key: string,
): Promise<Map<string, number>> {
  return new Map((await rollUps.positions(key)).map((one) => [placeOf(one), one.offset]))
}

export function placeOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`
}
