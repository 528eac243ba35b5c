import type { Clock } from '../../kernel/clock.ts'
import type { Storage } from '../../storage/storage.ts'
import { createFirstPlaces, type FirstPlaces, lookForRepeats } from '../../stream/first-places.ts'
import type { Repeats } from '../../stream/repeats.ts'
import { identityOf } from './identity-rules.ts'
import { CLICKSTREAM_TOPIC } from './schema.ts'

interface RepeatsOptions {
  storage: Pick<Storage, 'collection'>
  clock: Clock
}

/** Before a log that does not know ids of clients, the consumers tell which events were sent again. */
export function clickstreamRepeats({ storage, clock }: RepeatsOptions): FirstPlaces {
  return createFirstPlaces({ storage, clock, topic: CLICKSTREAM_TOPIC, identityOf })
}

/** The same for a comparison, which writes nothing. */
export function clickstreamRepeatsSeen({ storage }: Pick<RepeatsOptions, 'storage'>): Repeats {
  return lookForRepeats({ storage, topic: CLICKSTREAM_TOPIC, identityOf })
}
