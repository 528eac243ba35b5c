import { Stripe } from 'stripe'
import { createTransport } from './transport.ts'

export interface ClientOptions {
  secret_key: string
  /** Another address of Stripe's API, for tests. */
  api_url?: string
  deadline_ms?: number
}

/** The version that the schemas of answers are written for; a library of another version does not compile. */
export const API_VERSION = '2026-10-28.endive'
const API_URL = 'https://api.stripe.com'
const DEADLINE_MS = 10_000

/** The official library, which here asks once and no more: the shop repeats by itself, under its keys. */
export function createClient({
  secret_key,
  api_url = API_URL,
  deadline_ms = DEADLINE_MS,
}: ClientOptions): Stripe {
  const { protocol, hostname, port } = new URL(api_url)
  const secure = protocol === 'https:'
  return new Stripe(secret_key, {
    apiVersion: API_VERSION,
    httpClient: createTransport(),
    timeout: deadline_ms,
    maxNetworkRetries: 0,
    telemetry: false,
    protocol: secure ? 'https' : 'http',
    host: hostname,
    port: port || (secure ? 443 : 80),
  })
}
