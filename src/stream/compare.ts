import { isDeepStrictEqual } from 'node:util'
import type { CloudEvent, Topic } from '../kernel/event.ts'
import type { Fence, RollUps } from '../storage/roll-ups.ts'
import { eventOf } from './event-of.ts'
import { type Generation, generationOf, numberIn } from './generation.ts'
import { countedThrough } from './late-fence.ts'
import { parkedBy } from './parking.ts'
import type { RollUpReaction } from './reaction.ts'
import { NO_REPEATS, type Placed, type Repeats } from './repeats.ts'
import type { Log, LogRecord } from './stream.ts'
import { placeOf, positionsOf } from './take-up.ts'

const PAGE = 500
const READ_EVENTS = 5_000

export interface Difference {
  id: string
  /** What is stored; undefined when the document is not there. */
  stored: unknown
  /** What the log says. */
  folded: unknown
}

export interface Comparison {
  documents: number
  events: number
  differences: Difference[]
  /** Topics whose oldest events retention took: documents that counted them cannot be compared. */
  trimmed: Topic[]
}

export interface CompareOptions {
  reaction: RollUpReaction
  log: Pick<Log, 'read' | 'ends' | 'outboxPosition'>
  rollUps: Pick<RollUps, 'read' | 'positions' | 'range'>
  /** As for the consumers; it may only look. */
  repeats?: Repeats
  onProgress?(events: number): void
}

interface Stored {
  fence: Fence
  body: unknown
}

/**
 * Folds the log in memory and compares. Each document's own fence says which events it has counted, so the
 * shop may run meanwhile. The group's positions are read before the documents: what lies below them must
 * have been counted by then.
 */
export async function compareRollUp(options: CompareOptions): Promise<Comparison> {
  const { reaction, log, rollUps, onProgress } = options
  const { name, topics } = reaction
  const shared = (await log.outboxPosition()) === null
  const generation = await generationOf(rollUps, name)
  const positions = await positionsOf(rollUps, generation.key)
  const parked = new Map(
    (await parkedBy(rollUps, generation.key)).map((one) => [`${one.topic}/${one.subject}`, one.offset]),
  )
  const stored = await documentsOf(rollUps, name, generation)
  const folded = new Map<string, unknown>()
  const trimmed = new Set<Topic>()
  let events = 0

  const fold = ({ topic, partition, offset, event }: Placed) => {
    const place = placeOf({ topic, partition })
    if (offset >= (parked.get(`${topic}/${event.subject}`) ?? Number.POSITIVE_INFINITY)) return
    for (const id of reaction.ids(event)) {
      const counted = offset < countedThrough(stored.get(id)?.fence ?? {}, place, event.subject)
      if (!counted && offset >= (positions.get(place) ?? 0)) continue
      let body = folded.get(id)
      if (body === undefined) {
        body = reaction.empty(id)
        folded.set(id, body)
      }
      reaction.apply(body, id, event)
    }
  }

  for (const end of await log.ends(topics)) {
    const { topic, partition, first, next } = end
    if (first > 0) trimmed.add(topic)
    const seen = shared ? seenOnce() : () => false
    for (let offset = first; offset < next; ) {
      const records = await log.read(topic, partition, offset, READ_EVENTS)
      if (records.length === 0) break
      offset = records.at(-1)!.offset + 1
      events += records.length
      const placed = parse(end, records)
      const repeated = await ((shared && options.repeats) || NO_REPEATS).among(placed)
      const voided = await reaction.voided?.(placed.map(({ event }) => event))
      for (const one of placed)
        if (!repeated.has(one) && !seen(one.event) && !voided?.has(one.event)) fold(one)
      onProgress?.(events)
    }
  }
  const differences = differencesOf(reaction, stored, folded)
  return { documents: stored.size, events, differences, trimmed: [...trimmed] }
}

/** What cannot be parsed was parked by every group. */
function parse({ topic, partition }: { topic: Topic; partition: number }, records: LogRecord[]): Placed[] {
  return records.flatMap((record) => {
    try {
      return [{ topic, partition, offset: record.offset, event: eventOf(record) }]
    } catch {
      return []
    }
  })
}

/** Whether an event's sequence was met before; a subject lies in one partition. */
function seenOnce(): (event: CloudEvent) => boolean {
  const last = new Map<string, number>()
  return ({ subject, sequence }) => {
    if (sequence <= 0) return false
    if (sequence <= (last.get(subject) ?? 0)) return true
    last.set(subject, sequence)
    return false
  }
}

function differencesOf(
  reaction: RollUpReaction,
  stored: ReadonlyMap<string, Stored>,
  folded: ReadonlyMap<string, unknown>,
): Difference[] {
  const differences: Difference[] = []
  for (const id of new Set([...stored.keys(), ...folded.keys()])) {
    const there = stored.get(id)
    // A rebuild beside running nodes empties what the log no longer tells of, instead of removing it; so do parts that forget.
    const empty = there && reaction.empty(id)
    const emptied = there && (numberIn(there.fence) > 0 || isDeepStrictEqual(there.body, empty))
    const body = folded.get(id) ?? (emptied ? empty : undefined)
    const expected = body === undefined ? undefined : (JSON.parse(JSON.stringify(body)) as unknown)
    if (!isDeepStrictEqual(there?.body, expected))
      differences.push({ id, stored: there?.body, folded: expected })
  }
  return differences
}

async function documentsOf(
  rollUps: Pick<RollUps, 'range'>,
  name: string,
  generation: Generation,
): Promise<Map<string, Stored>> {
  const documents = new Map<string, Stored>()
  let from = ''
  for (;;) {
    const page = await rollUps.range(name, { from, limit: PAGE })
    for (const { id, fence, body } of page) {
      // What a former generation counted does not count.
      if (numberIn(fence) === generation.number) documents.set(id, { fence, body })
    }
    if (page.length < PAGE) return documents
    from = `${page.at(-1)!.id}\u0000`
  }
}
