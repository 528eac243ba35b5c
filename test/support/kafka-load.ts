import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Outbox } from '../../src/storage/outbox.ts'
import type { Log } from '../../src/stream/stream.ts'
import type { Acknowledged } from './kafka-checker.ts'
import { click, outboxEntry } from './log.ts'

const ORDERS = 'ecommerce-orders'
const CLICKSTREAM = 'ecommerce-clickstream'
const SUBJECTS = 40
const VISITORS = 30
const TICK_MS = 10

export interface Load {
  acknowledged: Acknowledged[]
  /** Longest answer of the door in milliseconds, and how many requests it refused. */
  door: { slowest_ms: number; refused: number }
  stop(): Promise<void>
}

export interface LoadOptions {
  log: Pick<Log, 'appendClickstream'>
  outbox: Pick<Outbox, 'add'>
  /** Of documents and of visitors, each. */
  per_second: number
}

/** Documents commit events and visitors send theirs, until it is stopped or the test ends. What was acknowledged is noted. */
export function startLoad(t: TestContext, { log, outbox, per_second }: LoadOptions): Load {
  const acknowledged: Acknowledged[] = []
  const door = { slowest_ms: 0, refused: 0 }
  const numbers = new Map<string, number>()
  const filler = 'x'.repeat(200)
  let stopped = false

  const next = (key: string) => {
    const number = (numbers.get(key) ?? 0) + 1
    numbers.set(key, number)
    return number
  }

  const commit = () => {
    const subject = `ord_${Math.floor(Math.random() * SUBJECTS)}`
    const sequence = next(subject)
    const { topic, event, json } = outboxEntry(0, { key: subject, sequence, data: { filler } })
    void outbox.add([{ topic, event, json }])
    acknowledged.push({ topic: ORDERS, id: event.id, subject: event.subject, number: sequence })
  }

  /** A visitor sends the next request when the one before was answered; what was refused is sent again. */
  const visit = async (visitor: string) => {
    const pause_ms = (VISITORS / per_second) * 1_000 * EVENTS_OF_REQUEST
    while (!stopped) {
      const records = Array.from({ length: EVENTS_OF_REQUEST }, () =>
        click(visitor, null, undefined, { number: next(visitor), filler }),
      )
      while (!(await send(records)) && !stopped) await sleep(TICK_MS)
      await sleep(pause_ms)
    }
  }

  const send = async (records: ReturnType<typeof click>[]): Promise<boolean> => {
    const began = performance.now()
    try {
      await log.appendClickstream(records)
    } catch {
      door.refused += 1
      return false
    } finally {
      door.slowest_ms = Math.max(door.slowest_ms, performance.now() - began)
    }
    for (const { json } of records) {
      const { id, subject, data } = JSON.parse(json) as {
        id: string
        subject: string
        data: { number: number }
      }
      acknowledged.push({ topic: CLICKSTREAM, id, subject, number: data.number })
    }
    return true
  }

  const ticking = setInterval(() => {
    for (let n = 0; n < (per_second * TICK_MS) / 1_000; n++) commit()
  }, TICK_MS)
  const visits = Array.from({ length: VISITORS }, (_, n) => visit(`v${n}`))

  const stop = async () => {
    stopped = true
    clearInterval(ticking)
    await Promise.all(visits)
  }
  t.after(stop)
  return { acknowledged, door, stop }
}

const EVENTS_OF_REQUEST = 5
