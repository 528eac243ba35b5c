import type { Events } from './sends.ts'

/** An event of a send, ready for the client. */
export interface Outgoing {
  index: number
  topic: string
  key: string
  json: string
  partition: number
}

/** Where the measured speed is best; more events only wait longer. */
const MAX_EVENTS = 2_000
/** A broker takes 1 MiB of one partition, and the client does not split a batch. */
const MAX_PARTITION_CHARACTERS = 256 * 1024
const MAX_CHARACTERS = 4 * 1024 * 1024

/**
 * Cuts a send into what the client sends at once, in order. An event larger than the bound of a partition goes alone
 * there; characters are counted, which in UTF-8 become three bytes at most.
 */
export function* batchesOf(events: Events, partitionOf: (key: string) => number): Generator<Outgoing[]> {
  let batch: Outgoing[] = []
  let characters = 0
  const byPartition = new Map<string, number>()
  for (let index = 0; index < events.jsons.length; index++) {
    const topic = events.topics[index]!
    const key = events.keys[index]!
    const json = events.jsons[index]!
    const partition = partitionOf(key)
    const place = `${topic}/${partition}`
    const there = byPartition.get(place) ?? 0
    const full =
      batch.length >= MAX_EVENTS ||
      characters + json.length > MAX_CHARACTERS ||
      (there > 0 && there + json.length > MAX_PARTITION_CHARACTERS)
    if (full && batch.length > 0) {
      yield batch
      batch = []
      characters = 0
      byPartition.clear()
    }
    batch.push({ index, topic, key, json, partition })
    characters += json.length
    byPartition.set(place, (byPartition.get(place) ?? 0) + json.length)
  }
  if (batch.length > 0) yield batch
}
