import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Driver } from './driver.ts'
import { type Order, REPLAY_WAIT_MS } from './schema.ts'
import { isDriven, rests } from './step-rules.ts'
import { asAnswered } from './view-rules.ts'

/** What a request for an order comes to: the order as it was made, or why it was not. */
export type Answer = { order: Order; refusal?: never } | { refusal: Refusal; order?: never }

export type Answering = ReturnType<typeof createAnswering>

export interface AnsweringNeeds {
  orders: Pick<Collection<Order>, 'get'>
  driver: Driver
  logger: Pick<Logger, 'warn'>
}

/** Waiting for somebody else's work: first pause and longest pause. */
const FIRST_PAUSE_MS = 5
const MAX_PAUSE_MS = 250

/** Brings an order to where its request can be answered, now or again. */
export function createAnswering({ orders, driver, logger }: AnsweringNeeds) {
  const background = new Set<Promise<unknown>>()

  /** Drives the order to its answer; what comes after that goes on behind it. */
  async function answer(order: Order): Promise<Answer> {
    const reached = await driver.advance(order, { until: isAnswered })
    goOn(reached)
    return answerOf(reached)
  }

  /** The first answer again: at once, or when the first request is through, or by finishing its work. */
  async function replay(order: Order, fingerprint: string): Promise<Answer> {
    if (order.idem?.fingerprint !== fingerprint) {
      throw new Refusal(
        'unprocessable',
        'idempotency_key_reused',
        'This Idempotency-Key was used with another request; take a new one.',
      )
    }
    let current = order
    let pause = FIRST_PAUSE_MS
    const give_up = performance.now() + REPLAY_WAIT_MS
    while (performance.now() < give_up) {
      if (isAnswered(current)) return answerOf(current)
      if (!isDriven(current, driver.mark())) return answer(current)
      await delay(pause)
      pause = Math.min(pause * 2, MAX_PAUSE_MS)
      current = (await orders.get(current.id)) ?? current
    }
    throw new Refusal('conflict', 'in_progress', 'The first request with this Idempotency-Key still runs.', {
      retry_after_seconds: 1,
    })
  }

  /** What the answer need not wait for. Recovery takes it up if it fails here. */
  function goOn(order: Order): void {
    if (rests(order)) return
    const work = driver
      .advance(order)
      .catch((error: unknown) =>
        logger.warn({ err: error, order_id: order.id }, 'an order is left to recovery'),
      )
      .finally(() => background.delete(work))
    background.add(work)
  }

  return {
    answer,
    replay,
    goOn,
    /** Resolves when nothing that was answered is still being driven. */
    async idle(): Promise<void> {
      while (background.size > 0) await Promise.all(background)
    },
  }
}

function isAnswered(order: Order): boolean {
  return order.result?.kind === 'placed' || rests(order)
}

function answerOf(order: Order): Answer {
  if (order.result?.kind === 'placed') return { order: asAnswered(order) }
  if (order.result === undefined) throw new Error(`order ${order.id} rests without an answer`)
  const { kind, code, message, extra } = order.result.refusal
  const retry = kind === 'unavailable' && { retry_after_seconds: 1 }
  return { refusal: new Refusal(kind, code, message, { ...(extra && { extra }), ...retry }) }
}
