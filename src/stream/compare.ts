import { isDeepStrictEqual } from 'node:util'
import type { Topic } from '../kernel/event.ts'
import type { Fence, RollUps } from '../storage/roll-ups.ts'
import { eventOf } from './event-of.ts'
import { parkedBy } from './parking.ts'
import type { RollUpReaction } from './reaction.ts'
import type { Log } from './stream.ts'

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
  log: Pick<Log, 'read' | 'ends'>
  rollUps: Pick<RollUps, 'positions' | 'range'>
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
export async function compareRollUp({
  reaction,
  log,
  rollUps,
  onProgress,
}: CompareOptions): Promise<Comparison> {
  const { name, topics } = reaction
  const positions = new Map(
    (await rollUps.positions(name)).map((one) => [`${one.topic}/${one.partition}`, one.offset]),
  )
  const parked = new Map(
    (await parkedBy(rollUps, name)).map((one) => [`${one.topic}/${one.subject}`, one.offset]),
  )
  const stored = await documentsOf(rollUps, name)
  const folded = new Map<string, unknown>()
  const trimmed = new Set<Topic>()
  let events = 0

  for (const { topic, partition, first, next } of await log.ends(topics)) {
    const place = `${topic}/${partition}`
    if (first > 0) trimmed.add(topic)
    for (let offset = first; offset < next; ) {
      const records = await log.read(topic, partition, offset, READ_EVENTS)
      if (records.length === 0) break
      offset = records.at(-1)!.offset + 1
      for (const record of records) {
        const event = eventOf(record)
        events += 1
        if (record.offset >= (parked.get(`${topic}/${event.subject}`) ?? Number.POSITIVE_INFINITY)) continue
        for (const id of reaction.ids(event)) {
          const counted = record.offset < (stored.get(id)?.fence[place] ?? 0)
          if (!counted && record.offset >= (positions.get(place) ?? 0)) continue
          let body = folded.get(id)
          if (body === undefined) {
            body = reaction.empty(id)
            folded.set(id, body)
          }
          reaction.apply(body, id, event)
        }
      }
      onProgress?.(events)
    }
  }
  return { documents: stored.size, events, differences: differencesOf(stored, folded), trimmed: [...trimmed] }
}

function differencesOf(
  stored: ReadonlyMap<string, Stored>,
  folded: ReadonlyMap<string, unknown>,
): Difference[] {
  const differences: Difference[] = []
  for (const id of new Set([...stored.keys(), ...folded.keys()])) {
    const there = stored.get(id)?.body
    const body = folded.get(id)
    const expected = body === undefined ? undefined : (JSON.parse(JSON.stringify(body)) as unknown)
    if (!isDeepStrictEqual(there, expected)) differences.push({ id, stored: there, folded: expected })
  }
  return differences
}

async function documentsOf(rollUps: Pick<RollUps, 'range'>, name: string): Promise<Map<string, Stored>> {
  const documents = new Map<string, Stored>()
  let from = ''
  for (;;) {
    const page = await rollUps.range(name, { from, limit: PAGE })
    for (const { id, fence, body } of page) documents.set(id, { fence, body })
    if (page.length < PAGE) return documents
    from = `${page.at(-1)!.id}\u0000`
  }
}
