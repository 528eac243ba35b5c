import type { Topic } from '../../src/kernel/event.ts'
import type { NamedRollUp } from '../../src/storage/exported.ts'
import type { SqliteExport } from '../../src/storage/sqlite/export.ts'
import type { Parked } from '../../src/stream/parking.ts'
import { soundEvent } from './match.ts'
import type { Source } from './source.ts'

const PAGE = 1_000
const PARKED = 'parked'

/**
 * The last sequence that each group has taken of each subject. On the embedded log nobody keeps them; on Kafka, where an event
 * may stand twice, a group that does not know them would take an old shop's next event for one behind a gap. A subject is
 * a document and the document counts its events: what a group has not taken yet of them lies behind its positions.
 */
export interface Sequences {
  /** Of all groups, for the document that wrote as `subject` and has counted so many events per topic. */
  of(subject: string, counted: Readonly<Record<string, number>>): NamedRollUp[]
  /** Of subjects whose documents are gone. */
  left(): NamedRollUp[]
}

/** First sequences not yet taken, by group, topic and subject. */
type Waiting = Map<string, Map<string, number>>

export async function readSequences({ shop, log }: Pick<Source, 'shop' | 'log'>): Promise<Sequences> {
  const waiting: Waiting = new Map()
  const groups = new Map<string, Set<string>>()
  const positions = shop.positions()
  for (const { group, topic } of positions) {
    groups.set(group, (groups.get(group) ?? new Set()).add(topic))
    waiting.set(placeKey(group, topic), new Map())
  }
  const wait = (group: string, topic: string, event: { subject: string; sequence: number }) => {
    const subjects = waiting.get(placeKey(group, topic))
    if (event.sequence > 0 && subjects && !subjects.has(event.subject))
      subjects.set(event.subject, event.sequence)
  }

  for (const parked of parkedOf(shop)) {
    const { group, topic, subject, partition, offset } = parked
    const [record] = await log.read(topic, partition, offset, 1)
    const event = record && soundEvent(record)
    if (event?.subject === subject) wait(group, topic, event)
  }
  const topics = [...new Set(positions.map(({ topic }) => topic as Topic))]
  for (const { topic, partition, next } of await log.ends(topics)) {
    const readers = [...groups].filter(([, read]) => read.has(topic)).map(([group]) => group)
    const at = new Map(readers.map((group) => [group, positionOf(positions, { group, topic, partition })]))
    for (let offset = Math.min(...at.values()); offset < next; ) {
      const records = await log.read(topic, partition, offset, PAGE)
      if (records.length === 0) break
      offset = records.at(-1)!.offset + 1
      for (const record of records) {
        const event = soundEvent(record)
        if (!event) continue
        for (const group of readers) if (record.offset >= at.get(group)!) wait(group, topic, event)
      }
    }
  }
  const inLog = (await log.outboxPosition())!
  for (let after = inLog; ; ) {
    const entries = shop.outbox(after, PAGE)
    for (const { topic, json } of entries) {
      const event = soundEvent({ offset: 0, json })
      if (event) for (const group of groups.keys()) wait(group, topic, event)
    }
    if (entries.length < PAGE) break
    after = entries.at(-1)!.position
  }

  return {
    of: (subject, counted) =>
      [...groups].flatMap(([group, read]) =>
        Object.entries(counted).flatMap(([topic, last]) => {
          if (!read.has(topic) || waiting.get(placeKey(group, topic))!.has(subject)) return []
          return lastOf(group, topic, { subject, last })
        }),
      ),
    left: () =>
      [...waiting].flatMap(([key, subjects]) => {
        const [group, topic] = key.split('\n') as [string, string]
        return [...subjects].flatMap(([subject, first]) => lastOf(group, topic, { subject, last: first - 1 }))
      }),
  }
}

function lastOf(
  group: string,
  topic: string,
  { subject, last }: { subject: string; last: number },
): NamedRollUp[] {
  if (last <= 0) return []
  return [{ name: `${group}.sequences`, id: `${topic}/${subject}`, fence: { last }, body: { last } }]
}

function placeKey(group: string, topic: string): string {
  return `${group}\n${topic}`
}

function positionOf(
  positions: ReturnType<SqliteExport['positions']>,
  wanted: { group: string; topic: string; partition: number },
): number {
  const found = positions.find(
    ({ group, topic, partition }) =>
      group === wanted.group && topic === wanted.topic && partition === wanted.partition,
  )
  return found?.offset ?? 0
}

/** Subjects that some group has parked and nobody has settled. */
function parkedOf(shop: SqliteExport): Parked[] {
  const found: Parked[] = []
  let after = { name: PARKED, id: '' }
  for (;;) {
    const page = shop.rollUps(after, PAGE)
    const parked = page.filter(({ name }) => name === PARKED)
    found.push(...parked.map(({ body }) => body as Parked).filter(({ settled }) => !settled))
    if (parked.length < PAGE) return found
    after = { name: PARKED, id: parked.at(-1)!.id }
  }
}
