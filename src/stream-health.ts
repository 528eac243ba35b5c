import { createHistogram } from './http/histogram.ts'
import type { GaugeDefinition } from './http/metrics.ts'
import type { Clock } from './kernel/clock.ts'
import type { Consumers } from './stream/consumers.ts'
import type { Relay } from './stream/relay.ts'
import type { Log } from './stream/stream.ts'

/** Events that wait longer for the log make the health fail. */
const MAX_WAIT_FOR_LOG_MS = 10_000
/** Upper bounds of the histogram's buckets in seconds. */
const AGE_BOUNDS = [0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 15, 60, 600]

/** How old events are when a consumer has handled them: the oldest of each batch, so never told too young. */
export function createFreshness(clock: Clock) {
  const { observe, metric } = createHistogram({
    name: 'tradewind_event_age_seconds',
    help: 'From the time of an event until a consumer has handled it, of the oldest event of a batch',
    bounds: AGE_BOUNDS,
  })
  return {
    observe(group: string, _count: number, oldest_at: number): void {
      observe({ group }, Math.max(0, clock.now() - oldest_at) / 1_000)
    },
    metric,
  }
}

export interface StreamParts {
  log: Pick<Log, 'check'>
  relay: Pick<Relay, 'health'>
  consumers: Pick<Consumers, 'check'>
}

/** The log takes events, none waits for it for long, and whoever reads it gets on. */
export async function checkStream({ log, relay, consumers }: StreamParts): Promise<void> {
  await log.check()
  const { waiting, oldest_age_ms, last_error } = await relay.health()
  if (oldest_age_ms < MAX_WAIT_FOR_LOG_MS) return consumers.check()
  const why = last_error === null ? '' : `: ${last_error}`
  throw new Error(
    `${waiting} events wait for the log, the oldest for ${Math.round(oldest_age_ms / 1_000)} s${why}`,
  )
}

export function streamGauges({
  relay,
  consumers,
}: {
  relay: Relay
  consumers: Consumers
}): GaugeDefinition[] {
  const relayHealth = () => relay.health()
  return [
    {
      name: 'tradewind_outbox_waiting',
      help: 'Committed events that are not yet in the log',
      read: async () => (await relayHealth()).waiting,
    },
    {
      name: 'tradewind_outbox_oldest_age_seconds',
      help: 'Age of the oldest of them',
      read: async () => (await relayHealth()).oldest_age_ms / 1_000,
    },
    {
      name: 'tradewind_consumer_lag_events',
      help: 'Events of the log that some consumer has not handled',
      read: async () => Object.values((await consumers.health()).lag).reduce((sum, lag) => sum + lag, 0),
    },
    {
      name: 'tradewind_parked_subjects',
      help: 'Subjects that a consumer could not read on',
      read: async () => (await consumers.health()).parked,
    },
  ]
}
