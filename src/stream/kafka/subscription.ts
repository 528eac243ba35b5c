import type { Topic } from '../../kernel/event.ts'
import { BATCH_EVENTS, type LogBatch, type SubscribeOptions, type Subscription } from '../stream.ts'
import type { KafkaAccess } from './connection.ts'
import { faultOf } from './faults.ts'
import { fetcher } from './fetcher.ts'
import { membership } from './membership.ts'
import type { KafkaReader } from './reader.ts'
import { takingUp } from './taking-up.ts'
import { keyOf, type Place, placesOf, type TopicNames } from './topics.ts'

/** What one partition gives to a batch before the others have their turn. */
const PARTITION_EVENTS = 1_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 10_000

export interface KafkaSubscriptionOptions extends SubscribeOptions {
  access: KafkaAccess
  names: TopicNames
  /** Group's name on the cluster. */
  group_name: string
  reader: Pick<KafkaReader, 'ends'>
}

/**
 * A group on Kafka. The cluster deals the partitions among the nodes; where each goes on comes from the storage, asked
 * when it is taken up. What was fetched of a partition that was dealt away is dropped, not handled.
 */
export function subscription(options: KafkaSubscriptionOptions): Subscription {
  const { names, access, group_name, onError } = options
  const topics = options.topics.map((topic) => names.nameOf(topic))
  const topicOf = ({ name }: Place) => names.topicOf(name) as Topic
  const positions = new Map<string, number>()
  const { pause, end } = pauses()
  let stopped = false
  let wakened = false
  let idle: (() => void) | undefined
  const wake = () => {
    wakened = true
    idle?.()
  }
  const onFault = (error: unknown) =>
    onError(new Error(faultOf(error, access.brokers).sentence, { cause: error }))
  const member = membership({ access, group: group_name, names: topics, onChange: wake, onError: onFault })
  const fetched = fetcher({
    access,
    purpose: options.group,
    onFetched: wake,
    onJump: (place, from, to) =>
      onError(new Error(`${keyOf(place)}: the log no longer has ${from} to ${to}; it goes on behind`)),
    onBeyond(place) {
      onError(
        new Error(`${keyOf(place)} ends before the offset at which this group goes on, or was made anew`),
      )
      taking.retry(place)
    },
    onError: onFault,
  })
  const taking = takingUp({
    position: (place) => options.position(topicOf(place), place.partition),
    taken(wanted) {
      for (const place of wanted) positions.set(keyOf(place), place.offset)
      fetched.add(wanted)
    },
    onError,
  })
  let known = 0

  const dealtAnew = () => (member.current()?.number ?? 0) !== known

  /** Tries until it succeeds, the group is stopped, or its partitions were dealt anew. */
  const insist = async (work: () => Promise<void>): Promise<boolean> => {
    for (let delay = FIRST_RETRY_MS; !stopped; delay = Math.min(delay * 2, LAST_RETRY_MS)) {
      try {
        await work()
        return true
      } catch (error) {
        onError(error)
        await pause(delay)
        if (dealtAnew()) return false
      }
    }
    return false
  }

  const takeUp = () => {
    const { number, places } = member.current()!
    known = number
    positions.clear()
    fetched.clear()
    taking.start(places)
  }

  const gather = (): LogBatch[] =>
    fetched.take(BATCH_EVENTS, PARTITION_EVENTS).map(({ records, next, ...place }) => ({
      topic: topicOf(place),
      partition: place.partition,
      records,
      next,
    }))

  const run = async () => {
    while (!stopped) {
      wakened = false
      if (dealtAnew()) takeUp()
      const batches = gather()
      if (batches.length === 0) {
        if (!wakened && !stopped && !dealtAnew()) await new Promise<void>((resolve) => (idle = resolve))
        continue
      }
      if (!(await insist(() => options.handle(batches)))) continue
      for (const { topic, partition, next } of batches) {
        const place = { name: names.nameOf(topic), partition }
        positions.set(keyOf(place), next)
        if (!dealtAnew()) member.note(place, next)
      }
      const full = batches.reduce((sum, { records }) => sum + records.length, 0) >= BATCH_EVENTS / 2
      if (!full) await pause(options.linger_ms)
    }
  }
  const running = run()

  /** Before anything was dealt all partitions count, as for a group that nobody else reads. */
  const lagOf = async (places: readonly Place[]): Promise<number> => {
    const ends = new Map(
      (await options.reader.ends(options.topics)).map(({ topic, partition, next }) => [
        keyOf({ name: names.nameOf(topic), partition }),
        next,
      ]),
    )
    let lag = 0
    for (const place of places) {
      const position =
        positions.get(keyOf(place)) ?? (await options.position(topicOf(place), place.partition))
      lag += Math.max(0, (ends.get(keyOf(place)) ?? 0) - position)
    }
    return lag
  }

  return {
    owns: (topic, partition) =>
      !dealtAnew() && positions.has(keyOf({ name: names.nameOf(topic), partition })),
    async lag() {
      const places = member.current()?.places ?? placesOf(topics)
      let lag = 0
      for (const place of places) {
        const position = positions.get(keyOf(place))
        const last = fetched.end(place)
        if (position === undefined || last === undefined) return lagOf(places)
        lag += Math.max(0, last - position)
      }
      return lag
    },
    async stop() {
      stopped = true
      end()
      idle?.()
      taking.stop()
      await running
      await Promise.all([fetched.stop(), member.stop()])
    },
  }
}

/** Pauses that end early when everything ends. */
function pauses() {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const pause = async (ms: number) => {
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms)
    })
    await Promise.race([over, ended])
    clearTimeout(timer)
  }
  return { pause, end }
}
