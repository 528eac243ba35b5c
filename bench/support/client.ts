import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

export interface BenchCall {
  method?: string
  /** `{location}` stands for the address that an answer on the same connection named last. */
  path: string
  token?: string | undefined
  key?: string
  body?: unknown
}

/** One request with keep-alive; rejects unless it was answered with 2xx. */
export function call<Body>(
  url: string,
  { method = 'GET', path, token, key, body }: BenchCall,
): Promise<Body> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers: Record<string, string | number> = {}
  if (text !== undefined) {
    headers['content-type'] = 'application/json'
    headers['content-length'] = Buffer.byteLength(text)
  }
  if (token) headers.authorization = `Bearer ${token}`
  if (key) headers['idempotency-key'] = key
  return new Promise((resolve, reject) => {
    const outgoing = request(url + path, { agent, method, headers }, (incoming) => {
      let answer = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (chunk: string) => {
        answer += chunk
      })
      incoming.on('error', reject)
      incoming.on('end', () => {
        const { statusCode = 0 } = incoming
        if (statusCode >= 300) reject(new Error(`${method} ${path}: ${statusCode} ${answer.slice(0, 300)}`))
        else resolve((answer ? JSON.parse(answer) : undefined) as Body)
      })
    })
    outgoing.on('error', reject)
    outgoing.end(text)
  })
}

export async function signInAsAdministrator(url: string): Promise<string> {
  const body = { email: 'admin@ecommerce.com', password: 'admin123' }
  const { access_token } = await call<{ access_token: string }>(url, {
    method: 'POST',
    path: '/auth/login',
    body,
  })
  return access_token
}

/** As many customers as wanted, signed in. */
export async function customers(url: string, count: number): Promise<string[]> {
  const tokens: string[] = []
  for (let number = 0; number < count; number++) {
    const body = {
      email: `shopper-${number}-${Date.now()}@example.org`,
      password: 'engine-1843',
      name: 'Ada',
    }
    tokens.push(
      (await call<{ access_token: string }>(url, { method: 'POST', path: '/auth/register', body }))
        .access_token,
    )
  }
  return tokens
}
