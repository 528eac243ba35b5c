// biome-ignore lint/suspicious/noExplicitAny: a test reads answers of every shape and fails when they differ
export type Body = any

export interface Answer {
  status: number
  headers: Headers
  /** Parsed when it is JSON, else undefined. */
  body: Body
  text: string
}

export interface RequestOptions {
  headers?: Record<string, string>
  body?: unknown
  /** Sent as it is instead of `body`. */
  raw?: string | Uint8Array
}

export interface Client {
  /** Sent with every request; changed by `asGuest` clients when the shop names a session. */
  headers: Record<string, string>
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  put(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  delete(path: string, headers?: Record<string, string>): Promise<Answer>
}

export interface ClientOptions {
  /** Asked for each request where several servers answer. */
  url: string | (() => string)
  headers?: Record<string, string>
  /** Sees every answer before the test does; throws for one that must not be. */
  onAnswer?(seen: { method: string; path: string } & Answer): void
}

/** A client of a running server. It follows no redirects and keeps the guest session it is given. */
export function createClient({ url, headers = {}, onAnswer }: ClientOptions): Client {
  const kept = { ...headers }

  async function request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const sent: Record<string, string> = { ...kept, ...options.headers }
    const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body))
    if (body !== undefined) sent['content-type'] ??= 'application/json'
    const server = typeof url === 'string' ? url : url()
    const response = await fetch(server + path, {
      method,
      headers: sent,
      body: body as string | undefined,
      redirect: 'manual',
    })
    const text = await response.text()
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '') && text !== ''
    const answer = {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : undefined,
      text,
    }
    onAnswer?.({ method, path, ...answer })
    const session = response.headers.get('x-session-id')
    if (session) kept['x-session-id'] = session
    return answer
  }

  return {
    headers: kept,
    request,
    get: (path, more) => request('GET', path, { headers: more }),
    post: (path, body, more) => request('POST', path, { body, headers: more }),
    put: (path, body, more) => request('PUT', path, { body, headers: more }),
    patch: (path, body, more) => request('PATCH', path, { body, headers: more }),
    delete: (path, more) => request('DELETE', path, { headers: more }),
  }
}
