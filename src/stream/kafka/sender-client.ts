import { Worker } from 'node:worker_threads'
import type { Logger } from '../../kernel/logger.ts'
import type { KafkaAccess } from './connection.ts'
import type { Fault } from './faults.ts'
import type { Events, FromSender, ProducerName, Send, SendResult, ToSender } from './sends.ts'

/** The thread keeps no events; more room for young objects only saves their collection. */
const MAX_YOUNG_MB = 32
const CLOSE_MS = 5_000
/** A fault of which nothing is heard any more is over: whoever has something to send tries again within this. */
const FAULT_COUNTS_MS = 10_000

export interface SenderClient {
  /** One at a time for each producer. `signal` gives it up: then it is not known what the broker has of it. */
  send(
    producer: ProducerName,
    events: Events,
    given: Pick<Send, 'within_ms' | 'hold_subjects'> & { signal?: AbortSignal },
  ): Promise<SendResult>
  /** Why a send was not confirmed a moment ago; undefined when one was since. */
  lastFault(): Fault | undefined
  /** Gives up what is under way. */
  close(): Promise<void>
}

/** Starts the sending thread, and a new one should it ever die. */
export function startSender(access: KafkaAccess, logger: Logger): SenderClient {
  const waiting = new Map<ProducerName, (result: SendResult) => void>()
  const faults = new Map<ProducerName, { fault: Fault; at: number }>()
  let worker: Worker | undefined
  let closing: (() => void) | undefined

  const answer = (producer: ProducerName, result: SendResult) => {
    if (result.outcome === 'confirmed') faults.delete(producer)
    else faults.set(producer, { fault: result.fault, at: performance.now() })
    const resolve = waiting.get(producer)
    waiting.delete(producer)
    resolve?.(result)
  }

  const start = (): Worker => {
    const started = new Worker(new URL('./sender.ts', import.meta.url), {
      workerData: access,
      resourceLimits: { maxYoungGenerationSizeMb: MAX_YOUNG_MB },
    })
    started.on('message', (message: FromSender) => {
      if (message.kind === 'closed') closing?.()
      else answer(message.producer, message.result)
    })
    started.on('error', (error) => {
      logger.error({ err: error }, 'the thread that sends to Kafka died; another one takes its place')
      worker = undefined
      const fault: Fault = { kind: 'other', sentence: `The sending thread died: ${error}` }
      for (const producer of [...waiting.keys()]) answer(producer, { outcome: 'unconfirmed', fault })
      closing?.()
    })
    return started
  }
  const post = (message: ToSender) => {
    worker ??= start()
    worker.postMessage(message)
  }

  return {
    send(producer, events, { signal, ...given }) {
      if (waiting.has(producer)) throw new Error(`${producer} sends already`)
      const giveUp = () => post({ kind: 'give-up', producer })
      return new Promise<SendResult>((resolve) => {
        waiting.set(producer, resolve)
        post({ kind: 'send', producer, ...given, ...events })
        if (signal?.aborted) giveUp()
        signal?.addEventListener('abort', giveUp)
      }).finally(() => signal?.removeEventListener('abort', giveUp))
    },
    lastFault() {
      const since = performance.now() - FAULT_COUNTS_MS
      return [...faults.values()].find(({ at }) => at > since)?.fault
    },
    async close() {
      if (!worker || closing) return
      const closed = new Promise<void>((resolve) => {
        closing = resolve
      })
      post({ kind: 'close' })
      const timer = setTimeout(() => closing?.(), CLOSE_MS)
      await closed
      clearTimeout(timer)
      await worker?.terminate()
    },
  }
}
