import type { CloudEvent, Topic } from '../../src/kernel/event.ts'
import { type Reading, soundEvent } from './match.ts'

/** So many events of one visitor after the other count as equally new. */
const STEP_EVENTS = 50

/** First offsets of the newest `limit` events of a topic, by partition; they lie there in the order of their arrival. */
export async function newestFrom(log: Reading, topic: Topic, limit: number): Promise<Map<number, number>> {
  const arrival = async (partition: number, offset: number): Promise<string> => {
    const [record] = await log.read(topic, partition, offset, 1)
    return (record && receivedAt(soundEvent(record))) ?? ''
  }
  const heads = await Promise.all(
    (await log.ends([topic])).map(async ({ partition, first, next }) => ({
      partition,
      first,
      from: next,
      newest: next > first ? await arrival(partition, next - 1) : '',
    })),
  )
  for (let left = limit; left > 0; ) {
    const open = heads.filter(({ from, first }) => from > first)
    if (open.length === 0) break
    const head = open.reduce((a, b) => (b.newest > a.newest ? b : a))
    const taken = Math.min(STEP_EVENTS, left, head.from - head.first)
    head.from -= taken
    left -= taken
    head.newest = head.from > head.first ? await arrival(head.partition, head.from - 1) : ''
  }
  return new Map(heads.map(({ partition, from }) => [partition, from]))
}

function receivedAt(event: CloudEvent | undefined): string | undefined {
  const data = event?.data as { received_at?: unknown } | undefined
  return typeof data?.received_at === 'string' ? data.received_at : undefined
}
