import { Worker } from 'node:worker_threads'
import type { Clock } from '../../kernel/clock.ts'
import { StartRefused } from '../../kernel/start-refused.ts'
import { logUnavailable } from '../log-unavailable.ts'
import type { WriterData } from './writer.ts'
import type { FromWriter, Outcome, Write, WriteResult } from './writes.ts'

/** What one transaction takes at most; the rest forms the next. */
const MAX_BATCH_CHARACTERS = 8 * 1024 * 1024
/** What may wait for the disk; beyond it writes are refused, so that memory does not grow. */
const MAX_WAITING_CHARACTERS = 64 * 1024 * 1024
/** Texts that pass through need not be kept; more room would only be memory. */
const MAX_YOUNG_MB = 16

interface Waiting {
  write: Write
  size: number
  resolve(result: WriteResult): void
  reject(error: unknown): void
}

export interface WriterClient {
  opened: Extract<FromWriter, { kind: 'opened' }>
  /** Resolves when the write is on disk. */
  write(write: Write): Promise<WriteResult>
  /** Finishes what was taken, then closes the file. */
  close(): Promise<void>
}

/** Starts the writer thread; rejects with StartRefused when the file may not be used. */
export async function startWriter(data: WriterData, clock: Clock): Promise<WriterClient> {
  const worker = new Worker(new URL('./writer.ts', import.meta.url), {
    workerData: data,
    resourceLimits: { maxYoungGenerationSizeMb: MAX_YOUNG_MB },
  })
  const opened = await firstMessage(worker)
  const waiting: Waiting[] = []
  let waitingCharacters = 0
  let inFlight: Waiting[] = []
  let closing: (() => void) | undefined
  let down: Error | undefined

  const send = () => {
    if (inFlight.length > 0) return
    if (waiting.length === 0) {
      if (closing) worker.postMessage('close')
      return
    }
    let size = 0
    let count = 0
    while (count < waiting.length && (count === 0 || size + waiting[count]!.size <= MAX_BATCH_CHARACTERS)) {
      size += waiting[count++]!.size
    }
    inFlight = waiting.splice(0, count)
    waitingCharacters -= size
    worker.postMessage({ writes: inFlight.map(({ write }) => write), now: clock.now() })
  }

  worker.on('message', (message: FromWriter) => {
    if (message.kind === 'closed') return closing?.()
    if (message.kind !== 'written') return
    const answered = inFlight
    inFlight = []
    send()
    for (const [index, outcome] of message.outcomes.entries()) answer(answered[index]!, outcome)
  })
  worker.on('error', (error: Error) => {
    down = error
    for (const { reject } of [...inFlight, ...waiting.splice(0)])
      reject(logUnavailable('its writer has stopped'))
    // Nothing can be acknowledged any more and the disk's state is unknown: the process has to go.
    setImmediate(() => {
      throw error
    })
  })

  return {
    opened,
    write(write) {
      if (down || closing) return Promise.reject(logUnavailable('it is closed'))
      const size = sizeOf(write)
      if (waitingCharacters > 0 && waitingCharacters + size > MAX_WAITING_CHARACTERS) {
        return Promise.reject(logUnavailable('too much waits for the disk'))
      }
      return new Promise((resolve, reject) => {
        waiting.push({ write, size, resolve, reject })
        waitingCharacters += size
        // What is asked in the same turn shares one transaction.
        if (inFlight.length === 0 && waiting.length === 1) setImmediate(send)
      })
    },
    async close() {
      if (closing || down) return
      await new Promise<void>((resolve) => {
        closing = resolve
        send()
      })
      await worker.terminate()
    },
  }
}

function answer({ resolve, reject }: Waiting, outcome: Outcome): void {
  if (outcome.ok) resolve(outcome.result)
  else reject(outcome.unavailable ? logUnavailable(outcome.message) : new Error(outcome.message))
}

function sizeOf(write: Write): number {
  if (!('groups' in write)) return 0
  return write.groups.reduce((sum, { text }) => sum + text.length, 0)
}

function firstMessage(worker: Worker): Promise<WriterClient['opened']> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(error)
    worker.once('error', failed)
    worker.once('message', (message: FromWriter) => {
      worker.off('error', failed)
      if (message.kind === 'opened') resolve(message)
      else if (message.kind === 'refused') reject(new StartRefused(message.message))
    })
  })
}
