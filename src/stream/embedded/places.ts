import { PARTITIONS, TOPICS, type Topic } from '../../kernel/event.ts'

/** A partition of a topic as a small number: how the file and the writer thread name it. */
export type Place = number

export const PLACES = TOPICS.length * PARTITIONS

/** Offsets a partition may have; a row's id holds place and offset, so that rows of one partition lie together. */
export const MAX_OFFSET = 2 ** 40

export function placeOf(topic: Topic, partition: number): Place {
  return TOPICS.indexOf(topic) * PARTITIONS + partition
}

/** Every place of these topics. */
export function placesOf(topics: readonly Topic[]): Place[] {
  return topics.flatMap((topic) =>
    Array.from({ length: PARTITIONS }, (_, partition) => placeOf(topic, partition)),
  )
}

export function topicOf(place: Place): Topic {
  return TOPICS[Math.floor(place / PARTITIONS)]!
}

export function partitionAt(place: Place): number {
  return place % PARTITIONS
}

/** The id of the row whose first event has this offset. */
export function rowId(place: Place, offset: number): number {
  return place * MAX_OFFSET + offset
}

export function offsetOf(id: number): number {
  return id % MAX_OFFSET
}
