import { setTimeout as sleep } from 'node:timers/promises'
import { PARTITIONS, type Topic } from '../../src/kernel/event.ts'
import type { Log, LogBatch, SubscribeOptions, Subscription } from '../../src/stream/stream.ts'

const RETRY_MS = 5
const IDLE_MS = 2
/** What one partition gives to a batch. */
const PARTITION_EVENTS = 40

/** A partition in a member's hands; whoever takes it over gets a new one. */
interface Holding {
  topic: Topic
  partition: number
  position?: number
}

interface Member {
  options: SubscribeOptions
  held: Map<string, Holding>
  stopped: boolean
}

type Reading = Pick<Log, 'read' | 'ends'>

/**
 * Consumer groups as Kafka has them: the partitions of a group are shared out among its members and move at any time.
 * Whoever loses one is not waited for: a batch in hand is handled to its end, while the next owner may have begun.
 */
export function movingPartitions(log: Reading, random: () => number) {
  const groups = new Map<string, Set<Member>>()

  return {
    /** Every partition of every group gets an owner anew. */
    rebalance(): void {
      for (const members of groups.values()) shareOut(members, random, 'all')
    },
    subscribe(options: SubscribeOptions): Subscription & { abandon(): void } {
      const members = groups.get(options.group) ?? new Set()
      groups.set(options.group, members)
      const member: Member = { options, held: new Map(), stopped: false }
      members.add(member)
      shareOut(members, random, 'all')
      const running = run(member, log, random)
      const abandon = () => {
        member.stopped = true
        members.delete(member)
        shareOut(members, random, 'those without an owner')
      }
      return {
        abandon,
        lag: () => lagOf(member, log),
        owns: (topic, partition) => member.held.get(`${topic}/${partition}`)?.position !== undefined,
        async stop() {
          member.stopped = true
          await running
          abandon()
        },
      }
    },
  }
}

function shareOut(members: Set<Member>, random: () => number, which: 'all' | 'those without an owner'): void {
  const all = [...members]
  for (const topic of all[0]?.options.topics ?? []) {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const place = `${topic}/${partition}`
      const owner = all.find(({ held }) => held.has(place))
      if (owner && which !== 'all') continue
      const next = all[Math.floor(random() * all.length)]!
      owner?.held.delete(place)
      next.held.set(place, { topic, partition })
    }
  }
}

async function run(member: Member, log: Reading, random: () => number): Promise<void> {
  const { options, held } = member
  while (!member.stopped) {
    await takeUp(member)
    let batches = await gather(member, log, random)
    while (batches.length > 0 && !member.stopped) {
      try {
        await options.handle(batches.map(({ batch }) => batch))
        for (const { batch, holding } of batches) holding.position = batch.next
        break
      } catch (error) {
        options.onError(error)
        await sleep(RETRY_MS)
        batches = batches.filter(({ holding }) => [...held.values()].includes(holding))
      }
    }
    await sleep(IDLE_MS)
  }
}

async function takeUp({ options, held }: Member): Promise<void> {
  for (const holding of held.values()) {
    if (holding.position !== undefined) continue
    try {
      holding.position = await options.position(holding.topic, holding.partition)
    } catch (error) {
      options.onError(error)
    }
  }
}

async function gather({ held }: Member, log: Reading, random: () => number) {
  const batches: { batch: LogBatch; holding: Holding }[] = []
  for (const holding of held.values()) {
    const { topic, partition, position } = holding
    if (position === undefined || random() < 0.3) continue
    const records = await log.read(topic, partition, position, 1 + Math.floor(random() * PARTITION_EVENTS))
    if (records.length === 0) continue
    batches.push({ batch: { topic, partition, records, next: records.at(-1)!.offset + 1 }, holding })
  }
  return batches
}

async function lagOf({ options, held }: Member, log: Reading): Promise<number> {
  const ends = await log.ends(options.topics)
  const next = ({ topic, partition }: Holding) =>
    ends.find((end) => end.topic === topic && end.partition === partition)!.next
  return [...held.values()].reduce((sum, one) => sum + next(one) - (one.position ?? 0), 0)
}
