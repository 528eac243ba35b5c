import type { Fence } from '../storage/roll-ups.ts'

/**
 * The entry of a fence for a subject that was parked and read on. Its late events lie before the offset through which the
 * others of its place are counted, so a document that they change says of the subject alone how far it is counted.
 */
export function lateEntry(place: string, subject: string): string {
  return `${place}#${subject}`
}

/** The offset before which a document has counted all that this subject has told. */
export function countedThrough(fence: Fence, place: string, subject: string): number {
  return Math.max(fence[place] ?? 0, fence[lateEntry(place, subject)] ?? 0)
}
