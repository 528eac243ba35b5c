import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createAccount } from './stripe-double-account.ts'
import { type Answer, type Form, failure, type Method, PAGE } from './stripe-double-objects.ts'

export const DOUBLE_KEY = 'sk_test_double'

/** What the double does instead of answering; `lost` does what was asked and then resets the connection. */
export type Misbehaviour = (response: ServerResponse) => void
export interface Asked {
  method: string
  path: string
  key: string | undefined
  version: string | undefined
  form: Form
}

export interface StripeDouble {
  url: string
  asked: Asked[]
  account: ReturnType<typeof createAccount>
  /** The next `times` requests are answered like this; with `lost` they are performed before. `not` lets them pass. */
  misbehave(how: Misbehaviour | 'not', options?: { times?: number; lost?: boolean }): void
  /** The next `times` requests for a change end in an error (500), which is kept under their keys; `done`: behind the change. */
  fail(options?: { times?: number; done?: boolean; status?: number }): void
  /** As Stripe does after a day or so. */
  forgetKeys(): void
  /** What the customer's browser does at the address of an action. */
  act(url: string, succeeded: boolean): Promise<void>
  close(): Promise<void>
}

/**
 * The endpoints of Stripe that the adapter uses, with their states, errors and idempotency keys, in memory. It knows nothing of the
 * adapter; what it may be asked is held to Stripe's own description by stripe-mock.
 */
export async function startStripeDouble(tls?: { key: string; cert: string }): Promise<StripeDouble> {
  const asked: Asked[] = []
  const misbehaviours: { how: Misbehaviour | 'not'; lost: boolean }[] = []
  const failures: { done: boolean; status: number }[] = []
  const account = createAccount(() => url)
  const replies = new Map<string, { request: string; answer: Answer }>()

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, url)
    if (pathname.startsWith(PAGE)) {
      account.act(pathname.slice(PAGE.length), searchParams.get('succeeded') === 'true')
      return void response.end('<p>You may close this window.</p>')
    }
    const body = await textOf(request)
    const form: Form = Object.fromEntries([...searchParams, ...new URLSearchParams(body)])
    const { method } = request as { method: Method }
    const key = request.headers['idempotency-key'] as string | undefined
    const version = request.headers['stripe-version'] as string | undefined
    asked.push({ method, path: pathname, key, version, form })
    const { how, lost } = misbehaviours.shift() ?? { how: 'not', lost: false }
    if (how !== 'not' && !lost) return how(response)
    const answer =
      request.headers.authorization === `Bearer ${DOUBLE_KEY}`
        ? answered({ method, pathname, form, key })
        : failure(401, {
            type: 'invalid_request_error',
            message: 'Invalid API Key provided: sk_test_****uble',
          })
    if (how !== 'not') return how(response)
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      'request-id': `req_${asked.length}`,
      ...(answer.replayed && { 'idempotent-replayed': 'true' }),
    })
    response.end(JSON.stringify(answer.body))
  }

  /** The first answer under a key is the answer for ever, a refusal and a failure too; another request under it is a mistake. */
  function answered(wanted: {
    method: Method
    pathname: string
    form: Form
    key: string | undefined
  }): Answer {
    const { method, pathname, form, key } = wanted
    if (method !== 'POST' || key === undefined) return account.ask(method, pathname, form)
    const request = JSON.stringify([pathname, form])
    const first = replies.get(key)
    if (first && first.request !== request)
      return failure(400, { type: 'idempotency_error', message: 'Keys differ.' })
    if (first) return { ...first.answer, replayed: true }
    const failing = failures.shift()
    const failed = failure(failing?.status ?? 500, { type: 'api_error' })
    const made = failing?.done === false ? failed : account.ask(method, pathname, form)
    // As it is now: the objects in it change.
    const answer = failing ? failed : structuredClone(made)
    replies.set(key, { request, answer })
    return answer
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => void serve(request, response)
  const server = tls ? createTlsServer(tls, listener) : createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url: string = tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`

  return {
    url,
    asked,
    account,
    misbehave(how, { times = 1, lost = false } = {}) {
      for (let time = 0; time < times; time++) misbehaviours.push({ how, lost })
    },
    fail({ times = 1, done = false, status = 500 } = {}) {
      for (let time = 0; time < times; time++) failures.push({ done, status })
    },
    forgetKeys: () => replies.clear(),
    async act(page, succeeded) {
      await fetch(`${page}?succeeded=${succeeded}`)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
