import type { StampedEvent } from '../../storage/stamp.ts'
import { logUnavailable } from '../log-unavailable.ts'
import { type DetourOptions, detour } from './detour.ts'
import type { SendResult } from './sends.ts'

/** An event at the door: where it goes and its text. */
export interface DoorEvent {
  topic: StampedEvent['topic']
  key: string
  json: string
}

/** What one send takes at most; what arrives meanwhile forms the next. */
const MAX_SEND_EVENTS = 2_000
/** What may wait; beyond it requests are refused, so that memory does not grow. */
const MAX_WAITING_CHARACTERS = 32 * 1024 * 1024

interface Waiting {
  events: readonly DoorEvent[]
  characters: number
  resolve(): void
  reject(error: unknown): void
}

export interface DoorOptions extends DetourOptions {
  /** Resolves within about a second, whatever the broker does. */
  send(events: readonly DoorEvent[]): Promise<SendResult>
  /** Keeps events that the broker will never take. */
  refuse(events: readonly { event: DoorEvent; reason: string }[]): Promise<void>
}

export interface Door {
  /** Resolves when they are durable: in Kafka, or in the outbox when Kafka does not answer. */
  append(events: readonly DoorEvent[]): Promise<void>
  /** Finishes what was taken. */
  close(): Promise<void>
}

/**
 * Events that no document wrote: a visitor's and dead letters. One send is under way at a time; requests that arrive
 * meanwhile form the next.
 *
 * Order per key and node: (1) a send begins only when the one before was confirmed, or given up and its events put into
 * the outbox; (2) as long as the outbox may hold events of this node, later ones go there too, behind them; the relay
 * keeps that order; (3) the door sends by itself again only when the log has confirmed all of them. So when an event is
 * written for the first time, every earlier one of its key is in the log. What a given-up send still brings is a second
 * copy of an event that lies in the outbox, with the same id; readers drop by it.
 */
export async function openDoor({ send, refuse, ...around_it }: DoorOptions): Promise<Door> {
  const waiting: Waiting[] = []
  let waitingCharacters = 0
  let closed = false
  let running: Promise<void> | undefined
  const around = await detour(around_it)

  const take = (): Waiting[] => {
    let count = 0
    let events = 0
    while (
      count < waiting.length &&
      (count === 0 || events + waiting[count]!.events.length <= MAX_SEND_EVENTS)
    )
      events += waiting[count++]!.events.length
    const taken = waiting.splice(0, count)
    for (const { characters } of taken) waitingCharacters -= characters
    return taken
  }

  const keep = async (events: readonly DoorEvent[]): Promise<void> => {
    if (await around.inUse()) return around.take(events)
    const result = await send(events)
    if (result.outcome === 'unconfirmed') return around.begin(events, result.fault)
    if (result.refused.length > 0)
      await refuse(result.refused.map(({ index, reason }) => ({ event: events[index]!, reason })))
  }

  const run = async () => {
    // What is asked in the same turn shares one send.
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const taken = take()
      try {
        await keep(taken.flatMap(({ events }) => events))
        for (const { resolve } of taken) resolve()
      } catch (error) {
        for (const { reject } of taken) reject(error)
      }
    }
    running = undefined
  }

  return {
    append(events) {
      if (closed) return Promise.reject(logUnavailable('it is closed'))
      const characters = events.reduce((sum, { json }) => sum + json.length, 0)
      if (waitingCharacters > 0 && waitingCharacters + characters > MAX_WAITING_CHARACTERS)
        return Promise.reject(logUnavailable('too much waits for Kafka'))
      return new Promise<void>((resolve, reject) => {
        waiting.push({ events, characters, resolve, reject })
        waitingCharacters += characters
        running ??= run()
      })
    },
    async close() {
      closed = true
      await running
    },
  }
}
