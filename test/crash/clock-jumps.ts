import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** An hour ahead, as it should be, and ten minutes back. */
const OFFSETS_MS = [3_600_000, 0, -600_000]
/** By then every process has looked at the file. */
const SEEN_MS = 2_500

export interface ClockJumps {
  /** Puts the clock of all processes somewhere else; each sees it a little later. */
  jump(): void
  /** Puts it right, and resolves when all have seen it. */
  settle(): Promise<void>
  /** How often it jumped. */
  count(): number
}

/** Moves the clock of the shop and of its provider by the file that all of them look at. */
export function createClockJumps({ path, random }: { path: string; random(): number }): ClockJumps {
  let now = 0
  let count = 0
  const put = (offset_ms: number) => {
    if (offset_ms === now) return
    now = offset_ms
    count += 1
    writeFileSync(path, String(offset_ms))
  }

  return {
    jump() {
      const others = OFFSETS_MS.filter((offset_ms) => offset_ms !== now)
      put(others[Math.floor(random() * others.length)]!)
    },
    async settle() {
      if (now === 0) return
      put(0)
      await delay(SEEN_MS)
    },
    count: () => count,
  }
}
