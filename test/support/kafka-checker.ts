import assert from 'node:assert/strict'
import { type KcatRecord, kcatRead } from './kcat.ts'

/** What must be in the log: an event that was acknowledged, by its id. */
export interface Acknowledged {
  topic: string
  id: string
  subject: string
  /** From 1 without gaps; for events of visitors their number within the visitor. */
  number: number
}

export interface Findings {
  events: number
  /** Records beyond the first of an event. */
  copies: number
}

/**
 * Reads the topics with kcat and holds them to the promise: every acknowledged event at least once, first copies of a
 * (topic, subject) in order and without gap, all copies of an event alike.
 */
export async function checkLog(
  brokers: string,
  prefix: string,
  acknowledged: readonly Acknowledged[],
): Promise<Findings> {
  const topics = [...new Set(acknowledged.map(({ topic }) => topic))]
  const records = (await Promise.all(topics.map((topic) => kcatRead(brokers, `${prefix}${topic}`)))).flat()
  const first = new Map<string, KcatRecord>()
  const lastNumber = new Map<string, number>()
  const partitions = new Map<string, number>()
  for (const record of records.sort((a, b) => a.offset - b.offset)) {
    const { ce_id: id = '', ce_subject: subject = '' } = record.headers
    const place = `${record.topic}/${subject}`
    assert.equal(record.partition, partitions.get(place) ?? record.partition, `${place} on two partitions`)
    partitions.set(place, record.partition)
    const before = first.get(id)
    if (before) {
      assert.deepEqual([record.payload, record.headers], [before.payload, before.headers], `copies of ${id}`)
      continue
    }
    first.set(id, record)
    const number = numberOf(record)
    assert.equal(
      number,
      (lastNumber.get(place) ?? 0) + 1,
      `${place}: ${number} after ${lastNumber.get(place)}`,
    )
    lastNumber.set(place, number)
  }
  const lost = acknowledged.filter(({ id }) => !first.has(id))
  assert.deepEqual(lost.slice(0, 10), [], `${lost.length} acknowledged events are not in the log`)
  return { events: first.size, copies: records.length - first.size }
}

/** Documents count their events; visitors' events of these tests carry a number in their data. */
function numberOf({ headers, payload }: KcatRecord): number {
  const sequence = Number(headers.ce_sequence)
  return sequence > 0 ? sequence : (JSON.parse(payload) as { number: number }).number
}
