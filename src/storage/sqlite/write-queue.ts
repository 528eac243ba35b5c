import { type BatchAnswer, type Outcome, type Request, toError, unavailable } from './messages.ts'

/** Writes that may wait for the writer; more are refused, because their callers would give up before their turn. */
const MAX_WAITING_WRITES = 10_000
/** Writes of one transaction. */
const MAX_BATCH = 512

export interface WriteQueue {
  write<Result>(kind: string, input: unknown): Promise<Result>
  onCommit(listener: () => void): () => void
  /** Refuses new writes and resolves when those that were taken are answered. */
  drain(): Promise<void>
}

interface Waiting {
  request: Request
  resolve(value: unknown): void
  reject(error: Error): void
}

/**
 * Group commit: while the writer has a batch, new writes gather here and go as the next one. So the main
 * thread prepares and answers while the disk works.
 */
export function createWriteQueue(writer: {
  send(batch: Request[]): void
  onAnswer(take: (answer: BatchAnswer) => void): void
  onFatal(reason: string): never
}): WriteQueue {
  const waiting: Waiting[] = []
  let inHand: Waiting[] | undefined
  let scheduled = false
  let drained: (() => void) | undefined
  const listeners = new Set<() => void>()

  function send(): void {
    scheduled = false
    if (inHand) return
    if (waiting.length === 0) {
      drained?.()
      return
    }
    inHand = waiting.splice(0, MAX_BATCH)
    writer.send(inHand.map(({ request }) => request))
  }

  function answer({ outcomes, told, fatal }: BatchAnswer): void {
    if (fatal !== undefined) writer.onFatal(fatal)
    const answered = inHand!
    inHand = undefined
    send()
    for (const [place, { resolve, reject }] of answered.entries()) {
      const outcome = outcomes[place] as Outcome
      if ('value' in outcome) resolve(outcome.value)
      else reject(toError(outcome))
    }
    if (told) for (const listener of listeners) listener()
  }

  writer.onAnswer(answer)

  return {
    write<Result>(kind: string, input: unknown) {
      if (drained) return Promise.reject(unavailable('The storage is closing.'))
      if (waiting.length >= MAX_WAITING_WRITES)
        return Promise.reject(unavailable('Too many writes wait already.'))
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ request: { kind, input }, resolve: resolve as Waiting['resolve'], reject })
        if (inHand || scheduled) return
        scheduled = true
        // Whatever else is written in this turn goes along.
        setImmediate(send)
      })
    },
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    drain() {
      return new Promise((resolve) => {
        drained = resolve
        if (!inHand && !scheduled) resolve()
      })
    },
  }
}
