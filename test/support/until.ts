import { setTimeout as sleep } from 'node:timers/promises'

const DEADLINE_MS = 30_000
const LOOK_MS = 5

/** Waits for a condition, never for a time; fails when it does not come true. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  within_ms = DEADLINE_MS,
): Promise<void> {
  const deadline = performance.now() + within_ms
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never came true: ${condition}`)
    await sleep(LOOK_MS)
  }
}
