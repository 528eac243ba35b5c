import { setTimeout as pause } from 'node:timers/promises'

/** How long the shop may take to finish what it has begun. */
const PATIENCE_MS = 60_000
const POLL_MS = 250

/** Looks until what is seen will do, or patience is at an end; resolves with the last look. */
export async function lookUntil<Seen>(
  look: () => Promise<Seen>,
  willDo: (seen: Seen) => boolean,
): Promise<Seen> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const seen = await look()
    if (willDo(seen) || performance.now() > deadline) return seen
    await pause(POLL_MS)
  }
}
