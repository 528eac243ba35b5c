import type { Topic } from '../kernel/event.ts'
import type { RollUps } from '../storage/roll-ups.ts'
import type { Log } from './stream.ts'

/** What a group notes of a topic that it reads. */
interface Noted {
  id: string
  /** Made anew since the group's first generation: its subjects begin in the middle of their sequences. */
  anew: boolean
}

export interface TopicIdsOptions {
  rollUps: Pick<RollUps, 'read' | 'write'>
  log: Pick<Log, 'topicIds'>
  topics: readonly Topic[]
  /** The group's name in its generation. */
  key: string
}

export interface TopicsSeen {
  /**
   * Not those which the group has read so far: deleted and made anew, or of another cluster. Their offsets say nothing, even
   * where they lie beyond those that were counted.
   */
  strange: Set<Topic>
  anew: Set<Topic>
}

/** Looks whether the topics are those that the group has read so far; those that it reads for the first time it notes. */
export async function topicsSeen({ rollUps, log, topics, key }: TopicIdsOptions): Promise<TopicsSeen> {
  const [ids, noted] = await Promise.all([log.topicIds(topics), notedBy(rollUps, key, topics)])
  const seen: TopicsSeen = { strange: new Set(), anew: new Set() }
  for (const [topic, id] of ids) {
    const before = noted.get(topic)
    if (before === undefined) await note(rollUps, key, topic, { id, anew: false })
    else if (before.id !== id) seen.strange.add(topic)
    else if (before.anew) seen.anew.add(topic)
  }
  return seen
}

/** Notes for a generation that is to come which topics the one before it would not know again. */
export async function acceptTopics(options: TopicIdsOptions & { next_key: string }): Promise<void> {
  const { rollUps, log, topics, key, next_key } = options
  const [ids, noted] = await Promise.all([log.topicIds(topics), notedBy(rollUps, key, topics)])
  for (const [topic, id] of ids) {
    const before = noted.get(topic)
    const anew = before !== undefined && (before.anew || before.id !== id)
    await note(rollUps, next_key, topic, { id, anew })
  }
}

/** Where a group's topics are noted, of one generation. */
export function topicIdsOf(key: string): string {
  return `${key}.topics`
}

async function notedBy(
  rollUps: Pick<RollUps, 'read'>,
  key: string,
  topics: readonly Topic[],
): Promise<Map<string, Noted>> {
  const found = await rollUps.read(topicIdsOf(key), topics)
  return new Map(found.map(({ id, body }) => [id, body as Noted]))
}

/** Whoever notes it first. */
async function note(rollUps: Pick<RollUps, 'write'>, key: string, topic: Topic, body: Noted): Promise<void> {
  await rollUps.write(topicIdsOf(key), [{ id: topic, expected: null, fence: { writes: 1 }, body }], [])
}
