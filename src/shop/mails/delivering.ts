import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import { type Periodic, periodically } from '../../kernel/periodic.ts'
import type { Handover } from '../../mail/mailer.ts'
import type { Collection, ListQuery } from '../../storage/storage.ts'
import { LONGEST_WAIT_MS } from './rules.ts'
import type { Mail } from './schema.ts'
import { inTurn } from './turn-rules.ts'

export interface DeliveringNeeds {
  mails: Pick<Collection<Mail>, 'list'>
  /** Undefined for a mail that came to no handover. */
  send(mail: Mail): Promise<Handover | undefined>
  clock: Clock
  logger: Logger
}

/** A mail leaves at once; this is for what a crash left and what is tried again. */
const LOOK_EVERY_MS = 2_000
/** Handed over at once by a node. */
const AT_ONCE = 5
/** Between two such handfuls, so that mails never take the time of those who wait for an answer. */
const BREATH_MS = 200
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 60_000

/** Sends what is due, oldest first; pauses while no mail can be handed over, and holds no more in memory than a handful. */
export function createDelivering({ mails, send, clock, logger }: DeliveringNeeds) {
  let worker: Periodic | undefined
  let stopped = false
  /** Why nothing can be handed over, and since when. */
  let away: { reason: string; since: number; times: number; until: number } | undefined

  function isPaused(now: number): boolean {
    return away !== undefined && away.until > now && away.until <= now + LONGEST_PAUSE_MS
  }

  function noteAway(reason: string): void {
    const now = clock.now()
    const times = (away?.times ?? 0) + 1
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(times - 1, 10), LONGEST_PAUSE_MS)
    if (!away) logger.warn({ reason }, 'mails wait: they cannot be handed over')
    away = { reason, since: away?.since ?? now, times, until: now + pause }
  }

  async function sendInTurn(list: readonly Mail[]): Promise<Handover[]> {
    const handovers: Handover[] = []
    for (const mail of list) {
      const handover = await send(mail)
      if (handover) handovers.push(handover)
    }
    return handovers
  }

  async function deliverIn(range: ListQuery['range']): Promise<void> {
    for (;;) {
      const { items } = await mails.list({ index: 'due', range, limit: AT_ONCE })
      if (items.length === 0 || stopped) return
      const handovers = (await Promise.all(inTurn(items).map(sendInTurn))).flat()
      const failed = handovers.find(({ state }) => state === 'away')
      if (failed?.state === 'away') return noteAway(failed.reason)
      if (handovers.length > 0) away = undefined
      if (items.length < AT_ONCE) return
      await sleep(BREATH_MS)
    }
  }

  /** Sends every mail that is due. */
  async function deliverDue(): Promise<void> {
    const now = clock.now()
    if (isPaused(now)) return
    await deliverIn({ before: now + 1 })
    if (!isPaused(now)) await deliverIn({ from: now + LONGEST_WAIT_MS })
  }

  return {
    deliverDue,
    wake: () => worker?.wake(),
    /** Why no mail can be handed over, and since when in milliseconds. */
    away: () => away,
    start(): void {
      worker = periodically(LOOK_EVERY_MS, deliverDue, (error) =>
        logger.warn({ err: error }, 'mails wait; they are looked at again'),
      )
    },
    /** Waits for the handful in hand. */
    async stop(): Promise<void> {
      stopped = true
      await worker?.stop()
    },
  }
}
