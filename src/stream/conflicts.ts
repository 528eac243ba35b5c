import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Nodes that share documents move each other's fences. What one of them has written stays, so every round somebody
 * comes further; a pause of random length keeps them from meeting again.
 */
export const MAX_ATTEMPTS = 20
const FIRST_PAUSE_MS = 4
const LAST_PAUSE_MS = 250

/** Waits before attempt `attempt` + 1. */
export async function pauseAfterConflict(attempt: number): Promise<void> {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LAST_PAUSE_MS)
  await sleep(Math.random() * longest)
}

/** Somebody who writes the same all the time is a fault of operation; the subscription tries again later. */
export function conflictOf(what: string): Conflict {
  return new Conflict(`${what}: others write the same all the time; it is tried again`)
}

export class Conflict extends Error {}
