import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { OpenApiDocument } from '../support/answers.ts'
import type { RunningShop } from '../support/shop.ts'
import { createJudge } from './judge.ts'
import { createSender, type Received, type Sent } from './sending.ts'
import type { Things } from './things.ts'

const ERRORS_PAGE = resolve(import.meta.dirname, '../../docs/errors.md')
/** Answers larger than this name nothing new. */
const MAX_LEARNT_BYTES = 200_000

/** An answer that must not be, with the request that it is one to. */
export interface Fault {
  sent: Sent
  what: string
}

export interface Exchange {
  /** Resolves to the answer; undefined when there was none, which is a fault. */
  send(sent: Sent): Promise<Received | undefined>
  faults: Fault[]
  close(): void
}

/** Sends, judges every answer, and remembers what it names. */
export function createExchange({
  shop,
  document,
  things,
}: {
  shop: RunningShop
  document: OpenApiDocument
  things: Things
}): Exchange {
  const sender = createSender(shop.url)
  const judge = createJudge(document, readFileSync(ERRORS_PAGE, 'utf8'))
  const faults: Fault[] = []

  function causeOf({ headers }: Received): string {
    const id = headers.get('x-request-id')
    const logged = shop.warnings.find(({ details }) => (details as { request_id?: string }).request_id === id)
    const { err } = (logged?.details ?? {}) as { err?: Error }
    return err?.stack ? `\n${err.stack}` : ''
  }

  return {
    faults,
    async send(sent) {
      let received: Received
      try {
        received = await sender.send(sent)
      } catch (error) {
        faults.push({ sent, what: `no answer: ${(error as Error).message}` })
        return undefined
      }
      const what = judge(sent, received)
      if (what) faults.push({ sent, what: what + causeOf(received) })
      else if (received.text.startsWith('{') && received.text.length < MAX_LEARNT_BYTES && isJson(received))
        things.learn(sent.path, JSON.parse(received.text))
      return received
    },
    close: sender.close,
  }
}

function isJson({ status, headers }: Received): boolean {
  return status < 300 && /^application\/json\b/.test(headers.get('content-type') ?? '')
}
