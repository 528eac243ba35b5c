import { setTimeout as sleep } from 'node:timers/promises'
import { Consumer } from '@platformatic/kafka'
import { clientOptions, closeWithin, type KafkaAccess } from './connection.ts'
import type { Place } from './topics.ts'

/** A member that says nothing for so long has lost its partitions; the others wait as long for it in a rebalance. */
const SESSION_TIMEOUT_MS = 8_000
const REBALANCE_TIMEOUT_MS = 8_000
const HEARTBEAT_MS = 2_000
const COMMIT_EVERY_MS = 1_000
const FIRST_RETRY_MS = 200
const LAST_RETRY_MS = 10_000
const CLOSE_MS = 1_500
/** Some 15 s; then the member joins anew. */
const RETRIES = 20
const NO_EPOCH = -1

export interface Assignment {
  /** Another number: the partitions were dealt anew, even when they are the same. */
  number: number
  places: Place[]
}

export interface Membership {
  /** Undefined before the group has dealt partitions for the first time. */
  current(): Assignment | undefined
  /** Lets operators see how far the group is; nobody reads it back. */
  note(place: Place, next: number): void
  /** Leaves the group, so that the others need not wait for it. */
  stop(): Promise<void>
}

export interface MembershipOptions {
  access: KafkaAccess
  group: string
  names: readonly string[]
  onChange(): void
  onError(error: unknown): void
}

type Member = Consumer<Buffer, Buffer, Buffer, Buffer>

/** Membership in a consumer group: Kafka deals the partitions among the nodes; where to go on is not Kafka's business. */
export function membership({ access, group, names, onChange, onError }: MembershipOptions): Membership {
  const notes = new Map<string, { topic: string; partition: number; next: number }>()
  const ending = new AbortController()
  let assignment: Assignment | undefined
  let deals = 0
  let member: Member | undefined

  const deal = (places: Place[]) => {
    assignment = { number: ++deals, places }
    notes.clear()
    onChange()
  }

  /** Joins and stays until the client gives up. */
  const belong = async () => {
    const { promise: lost, reject } = Promise.withResolvers<never>()
    lost.catch(() => {})
    const joined = newMember(access, group)
    member = joined
    joined.on('error', reject)
    joined.on('consumer:heartbeat:stalled', ({ lastError }) =>
      reject(lastError ?? new Error(`the group ${group} does not answer`)),
    )
    joined.on('consumer:group:join', ({ assignments }) =>
      deal(
        (assignments ?? []).flatMap(({ topic, partitions }) =>
          partitions.map((partition) => ({ name: topic, partition })),
        ),
      ),
    )
    const over = new AbortController()
    const ended = new Promise<void>((resolve) => {
      ending.signal.addEventListener('abort', () => resolve(), { signal: over.signal })
    })
    try {
      joined.topics.trackAll(...names)
      await Promise.race([joined.joinGroup({}).then(() => lost), lost, ended])
    } finally {
      over.abort()
      member = undefined
      await closeWithin(joined, CLOSE_MS, () => leave(joined))
    }
  }

  const run = async () => {
    for (let delay = FIRST_RETRY_MS; !ending.signal.aborted; delay = Math.min(delay * 2, LAST_RETRY_MS)) {
      const before = deals
      try {
        await belong()
      } catch (error) {
        onError(error)
        if (assignment && assignment.places.length > 0) deal([])
        if (deals > before + 1) delay = FIRST_RETRY_MS
        await sleep(delay, undefined, { signal: ending.signal }).catch(() => {})
      }
    }
  }
  const running = run()

  const commit = async () => {
    if (notes.size === 0 || !member?.isActive()) return
    const offsets = [...notes.values()].map(({ topic, partition, next }) => ({
      topic,
      partition,
      offset: BigInt(next),
      leaderEpoch: NO_EPOCH,
    }))
    notes.clear()
    // Only shown to operators: a failure costs nothing.
    await member.commit({ offsets }).catch(() => {})
  }
  const committing = setInterval(commit, COMMIT_EVERY_MS)
  committing.unref()

  return {
    current: () => assignment,
    note({ name, partition }, next) {
      notes.set(`${name}/${partition}`, { topic: name, partition, next })
    },
    async stop() {
      clearInterval(committing)
      await Promise.race([commit(), sleep(CLOSE_MS, undefined, { ref: false })])
      ending.abort()
      await running
    },
  }
}

/** First leaves, then closes: a joining that is under way when its client closes goes on, and its heartbeats never end. */
async function leave(member: Member): Promise<void> {
  await member.leaveGroup(true)
  await member.close(true)
}

function newMember(access: KafkaAccess, group: string): Member {
  return new Consumer<Buffer, Buffer, Buffer, Buffer>({
    ...clientOptions(access, 'group'),
    groupId: group,
    autocommit: false,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    // The client keeps the error of every attempt while it goes on: whoever joins again lets them go.
    retries: RETRIES,
  })
}
