import { Agent, request as httpRequest } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { cutRequest } from './cut-request.ts'
import type { Tally } from './tally.ts'

const TWICE_EVERY = 20
const CUT_EVERY = 50
/** An attempt that met a closed connection or a server that had no room is made again. */
const MAX_ATTEMPTS = 8
const REQUEST_TIMEOUT_MS = 60_000

export interface Call {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  body?: unknown
  token?: string
  /** Guest session. */
  session?: string
  /** The Idempotency-Key. A call with a key, or whose body has ids of its own, may be repeated. */
  key?: string
  repeatable?: boolean
  /** The answer is not looked at: saves parsing. */
  ignoreBody?: boolean
}

// biome-ignore lint/suspicious/noExplicitAny: the tool reads the answers of the API without its types
export type Json = any

export interface Answer {
  status: number
  json: Json
  session: string | undefined
}

export type Client = ReturnType<typeof createClient>

/** Talks to the shop as browsers do, also as those that repeat themselves and those that break off. */
export function createClient({ url, connections, tally }: { url: URL; connections: number; tally: Tally }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'lifo' })
  let repeatable = 0

  /** Sends a call and answers what came back; throws after the last attempt. */
  async function send(call: Call): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await exchange(call)
        const again = answer.status === 503 || (answer.status === 409 && answer.json?.code === 'in_progress')
        if (!again || attempt === MAX_ATTEMPTS) return answer
        tally.retried++
      } catch (error) {
        if (attempt === MAX_ATTEMPTS)
          throw new Error(`${call.method} ${call.path}: ${(error as Error).message}`)
        tally.reconnected++
      }
      await pause(50 * 2 ** attempt * (0.5 + Math.random()))
    }
  }

  function exchange({ method, path, body, token, session, key, ignoreBody }: Call): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const text = body === undefined ? undefined : JSON.stringify(body)
    tally.requests++
    const request = httpRequest(
      {
        agent,
        host: url.hostname,
        port: url.port,
        method,
        path,
        timeout: REQUEST_TIMEOUT_MS,
        headers: {
          ...(text !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          }),
          ...(token && { authorization: `Bearer ${token}` }),
          ...(session && { 'x-session-id': session }),
          ...(key && { 'idempotency-key': key }),
        },
      },
      (response) => {
        const status = response.statusCode ?? 0
        const made = response.headers['x-session-id'] as string | undefined
        const chunks: Buffer[] = []
        const wanted = !ignoreBody || status >= 400
        response.on('data', (chunk: Buffer) => wanted && chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const json = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined
          resolve({ status, json, session: made })
        })
      },
    )
    request.on('timeout', () => request.destroy(new Error('no answer within a minute')))
    request.on('error', reject)
    request.end(text)
    return promise
  }

  return {
    /** Sends a call; some of those that carry a key go out twice, some are first cut in the middle. */
    async call(call: Call): Promise<Answer> {
      if (call.key === undefined && !call.repeatable) return send(call)
      const turn = ++repeatable
      if (turn % CUT_EVERY === 0) {
        tally.cut++
        await cutRequest(url, call, (turn / CUT_EVERY) % 2 === 0 ? 'in the body' : 'before the answer')
      }
      const first = await send(call)
      if (turn % TWICE_EVERY !== 0) return first
      tally.twice++
      const second = await send(call)
      if (call.key !== undefined && (second.status !== first.status || second.json?.id !== first.json?.id)) {
        tally.problem(
          `${call.method} ${call.path}: the repeat was answered ${second.status}, the first ${first.status}`,
        )
      }
      return call.key === undefined ? second : first
    },
    /** What lies at a path, as text. */
    async read(path: string): Promise<{ status: number; text: string }> {
      const answer = await fetch(new URL(path, url))
      return { status: answer.status, text: await answer.text() }
    },
    close: () => agent.destroy(),
  }
}
