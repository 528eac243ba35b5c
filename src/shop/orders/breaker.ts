import type { Clock } from '../../kernel/clock.ts'
import { Refusal } from '../../kernel/errors.ts'

/** So many calls in a row without an answer, and the provider counts as away. */
const MAX_SILENCES = 5
/** Then one call at a time finds out whether it is back. */
const PROBE_EVERY_MS = 5_000

export type Breaker = ReturnType<typeof createBreaker>

/** Knows whether the provider is away, so that nothing is begun that could only wait for it. */
export function createBreaker({ clock }: { clock: Clock }) {
  let silences = 0
  let probedAt = 0
  // A clock that was put back must not keep it away.
  const mayProbe = () => Math.abs(clock.now() - probedAt) >= PROBE_EVERY_MS

  return {
    heard(): void {
      silences = 0
    },
    silent(): void {
      silences++
      probedAt = clock.now()
    },
    /** Whether the provider may be asked; while it is away, one at a time. */
    mayAsk(): boolean {
      if (silences < MAX_SILENCES) return true
      if (!mayProbe()) return false
      probedAt = clock.now()
      return true
    },
    /** Throws `payment_provider_away` when the provider has not answered for a while and is not to be asked now. */
    assertClosed(): void {
      if (silences < MAX_SILENCES || mayProbe()) return
      throw new Refusal(
        'unavailable',
        'payment_provider_away',
        'Cards cannot be charged just now; try again in a moment, or pay in cash on delivery.',
        { retry_after_seconds: PROBE_EVERY_MS / 1_000 },
      )
    },
  }
}
