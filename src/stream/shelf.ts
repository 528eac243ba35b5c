import type { RollUps } from '../storage/roll-ups.ts'

/** A roll-up of its own: a document for each shelf that ever held a note. */
const SHELVES = 'shelves'

/**
 * Notes of what seldom happens. Whether there ever was one is a document that is read by its id, so that nobody has to look
 * through an empty shelf again and again.
 */
export async function isUsed(rollUps: Pick<RollUps, 'read'>, shelf: string): Promise<boolean> {
  return (await rollUps.read(SHELVES, [shelf])).length > 0
}

/** Written before the first note, so that whoever sees the note sees this. */
export async function use(rollUps: Pick<RollUps, 'write'>, shelf: string): Promise<void> {
  await rollUps.write(SHELVES, [{ id: shelf, expected: null, fence: { writes: 1 }, body: {} }], [])
}
