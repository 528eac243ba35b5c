import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Clock } from '../../kernel/clock.ts'
import type { Outcome, PaymentObject, PaymentProvider } from '../provider.ts'
import { createHearing } from './hearing.ts'
import { type Operation, OUTCOME, PAYMENT_OBJECT } from './wire-schema.ts'

export interface RemoteProviderOptions {
  /** Of the process that `npm run test-provider` started. */
  url: string
  secret: string
  clock: Clock
}

const DEADLINE_MS = 10_000
const MAX_ANSWER_BYTES = 1024 * 1024
const outcomes = Compile(OUTCOME)
const objects = Compile(PAYMENT_OBJECT)
const pages = Compile(Type.Array(PAYMENT_OBJECT))

/** The test provider in a process of its own. Calls reject when it does not answer, or answers nonsense. */
export function reachTestProvider({ url, secret, clock }: RemoteProviderOptions): PaymentProvider {
  async function call(path: string, body?: Operation): Promise<unknown> {
    const answer = await fetch(new URL(path, url), {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${secret}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(DEADLINE_MS),
    })
    const text = await bounded(answer)
    if (answer.status === 404) return undefined
    if (answer.status !== 200) throw new Error(`the test provider answers ${answer.status}`)
    return JSON.parse(text)
  }

  async function operate(operation: Operation): Promise<Outcome> {
    const outcome = await call('/operations', operation)
    if (outcomes.Check(outcome)) return outcome as Outcome
    throw new Error('the test provider answers with what is no outcome')
  }

  return {
    name: 'test',
    create: (wanted) => operate({ kind: 'create', ...wanted }),
    authorise: (wanted) => operate({ kind: 'authorise', ...wanted }),
    capture: (wanted) => operate({ kind: 'capture', ...wanted }),
    cancel: (wanted) => operate({ kind: 'cancel', ...wanted }),
    refund: (wanted) => operate({ kind: 'refund', ...wanted }),
    async find(object_id): Promise<PaymentObject | undefined> {
      const object = await call(`/objects/${encodeURIComponent(object_id)}`)
      if (object === undefined || objects.Check(object)) return object
      throw new Error('the test provider answers with what is no object')
    },
    async list(since, after, limit): Promise<PaymentObject[]> {
      const query = new URLSearchParams({ since: String(since), limit: String(limit) })
      if (after) {
        query.set('after_at', String(after.created_at))
        query.set('after_id', after.id)
      }
      const page = await call(`/objects?${query}`)
      if (pages.Check(page)) return page
      throw new Error('the test provider answers with what is no list')
    },
    hear: createHearing({ secret, clock }),
    async close() {},
  }
}

async function bounded(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.body ?? []) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw new Error('the test provider answers with more than it has to say')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
