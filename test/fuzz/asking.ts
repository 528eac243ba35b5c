import type { Body } from '../support/http-client.ts'
import type { Exchange } from './exchange.ts'

/** Sends a request and resolves to its answer, which is judged and remembered like any other. */
export type Ask = (
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: object | Buffer,
) => Promise<{ status: number; headers: Headers; body: Body; text: string }>

/** Asks through an exchange. Where there was no answer the status is 0. */
export function askOver(exchange: Exchange): Ask {
  return async (method, path, headers, body) => {
    const isForm = Buffer.isBuffer(body)
    const content = body === undefined || isForm ? body : JSON.stringify(body)
    const typed = { ...(body !== undefined && !isForm && { 'content-type': 'application/json' }), ...headers }
    const answer = await exchange.send({ method, path, headers: typed, content })
    if (!answer) return { status: 0, headers: new Headers(), body: undefined, text: '' }
    return { ...answer, body: parsed(answer.text) }
  }
}

/** What JSON says; undefined for what is none. */
export function parsed(text: string): Body {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
