import type { Stripe } from 'stripe'

type HttpClient = NonNullable<NonNullable<ConstructorParameters<typeof Stripe>[1]>['httpClient']>

/** No answer that the shop asks for comes near it. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/** Header of an answer that was first given to an earlier request under the same key. */
export const REPLAYED = 'idempotent-replayed'

/**
 * How the library reaches Stripe: certificates checked, no redirect followed, the whole answer within one deadline and a bound. (The
 * library's own clients read as much as comes, and repeat a reset connection even when told not to repeat.) Only an answer in Stripe's
 * form comes back; anything else rejects with a sentence, and without the `code` that makes the library try again.
 */
export function createTransport(): HttpClient {
  return {
    getClientName: () => 'fetch',
    async makeRequest(host, port, path, method, headers, body, protocol, deadline_ms) {
      const url = new URL(path, `${protocol}://${host}:${port}`)
      try {
        const answer = await fetch(url, {
          method,
          headers: plain(headers),
          ...(method === 'POST' && { body }),
          redirect: 'manual',
          signal: AbortSignal.timeout(deadline_ms),
        })
        return answerOf(answer, parsed(answer.status, await read(answer)))
      } catch (error) {
        throw new Error(sentence(error, deadline_ms))
      }
    },
  }
}

/** Reads no further than the bound; leaving the loop closes the connection. */
async function read({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_ANSWER_BYTES) throw new Refused('Stripe answered more than can be read')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(status: number, text: string): object {
  if (status >= 300 && status < 400) throw new Refused(`Stripe answered with a redirect (${status})`)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new Refused(`Stripe answered ${status} with something else than JSON`)
  }
  const fits = isObject(json) && (status >= 300 ? isObject(json.error) : !Object.hasOwn(json, 'error'))
  if (!fits) throw new Refused(`Stripe answered ${status} in another form`)
  return json as object
}

/** Of the headers the number of the request, and whether this is the answer to an earlier one: others make the library print, or repeat. */
function answerOf({ status, headers }: Response, json: object) {
  const told: Record<string, string> = {}
  for (const name of ['request-id', REPLAYED]) {
    const value = headers.get(name)
    if (value !== null) told[name] = value
  }
  return {
    getStatusCode: () => status,
    getHeaders: () => told,
    getRawResponse: () => ({ headers: told }),
    toStream: () => {
      throw new Error('answers are not streamed')
    },
    toJSON: async () => json,
  }
}

/** Said by this module, so its text is ours. */
class Refused extends Error {}

function sentence(error: unknown, deadline_ms: number): string {
  if (error instanceof Refused) return error.message
  const { name, cause } = error as Error & { cause?: { code?: unknown } }
  if (name === 'TimeoutError') return `no answer from Stripe within ${deadline_ms / 1_000} s`
  return `no connection to Stripe (${typeof cause?.code === 'string' ? cause.code : name})`
}

function plain(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
