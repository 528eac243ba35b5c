import { setImmediate as turn } from 'node:timers/promises'

/** How long a group works before it gives the event loop to requests. */
const SLICE_MS = 4
const EVENTS_BETWEEN_LOOKS = 32

/** Lets others run when this group has worked for its slice. */
export function slices({ looks: every = EVENTS_BETWEEN_LOOKS } = {}): () => Promise<void> | undefined {
  let looks = 0
  let end = performance.now() + SLICE_MS
  return () => {
    if (++looks % every !== 0 || performance.now() < end) return undefined
    return turn().then(() => {
      end = performance.now() + SLICE_MS
    })
  }
}
