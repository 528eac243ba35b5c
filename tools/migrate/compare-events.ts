import { systemClock as clock } from '../../src/kernel/clock.ts'
import type { CloudEvent } from '../../src/kernel/event.ts'
import { createKeptEvents } from '../../src/shop/clickstream/kept-events.ts'
import { KEPT_EVENTS, type KeptEvent, type New } from '../../src/shop/clickstream/kept-schema.ts'
import { CLICKSTREAM_TOPIC as topic } from '../../src/shop/clickstream/schema.ts'
import { createGone, type Gone } from '../../src/shop/users/gone.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { canonical } from './canonical.ts'
import type { Copying } from './copy-storage.ts'
import { type Finding, twin } from './findings.ts'
import { soundEvent } from './match.ts'
import { newestFrom } from './newest.ts'
import { pages } from './pages.ts'
import { steadily } from './step.ts'

const PAGE = 500

/** The newest clickstream events, as the shop's consumer would keep them, against the collection that staff ask. */
export async function compareEvents({ source, house }: Copying, limit: number): Promise<Finding> {
  const { old, fresh, finding } = twin()
  const collection = house.reading.collection(KEPT_EVENTS)
  const keep = keeper(createGone({ storage: house.reading }))
  for (const [partition, from] of await newestFrom(source.log, topic, limit)) {
    const page = (offset: number) => source.log.read(topic, partition, offset, PAGE)
    for await (const records of pages(page, from, ({ offset }) => offset + 1)) {
      const kept: New<KeptEvent>[] = []
      for (const record of records) {
        const event = soundEvent(record)
        if (event) kept.push(...(await keep(event)))
      }
      for (const one of kept) old(canonical({ ...one, version: 1, sequences: {} }))
      for (const one of await steadily(() => collection.getMany(kept.map(({ id }) => id))))
        fresh(canonical(one))
    }
  }
  return finding(
    `newest ${topic}, in ${KEPT_EVENTS.name}`,
    await steadily(() => house.count(KEPT_EVENTS.name)),
  )
}

/** What the shop's consumer makes of an event; nothing of one that does not fit. */
function keeper(gone: Gone) {
  let taken: readonly New<KeptEvent>[] = []
  const collection = {
    async insertMany(documents: readonly New<KeptEvent>[]) {
      taken = documents
      return documents.map(() => ({ ok: true }))
    },
  }
  const storage = { collection: () => collection } as unknown as Pick<Storage, 'collection'>
  const { reaction } = createKeptEvents({ storage, gone, clock, retention_seconds: 0 })
  return async (event: CloudEvent): Promise<readonly New<KeptEvent>[]> => {
    taken = []
    try {
      await reaction.handle([event], [{ topic, partition: 0, offset: 0 }])
      return taken
    } catch {
      return []
    }
  }
}
