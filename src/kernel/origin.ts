import { AsyncLocalStorage } from 'node:async_hooks'

/** From where somebody asks while a request is served. */
export interface Origin {
  /** Null while it is not known who asks, as at a sign-in. */
  actor: string | null
  /** Full address; only a shortened form may be kept. */
  address: string
}

const served = new AsyncLocalStorage<Origin>()

/** Does work for a request that came from there. No decision may rest on it: what goes on after the request has no origin. */
export function servedFrom<T>(origin: Origin, work: () => T): T {
  return served.run(origin, work)
}

/** The address that this actor's request in hand came from; undefined outside of one, and for whatever others are the actor of. */
export function addressOf(actor: string): string | undefined {
  const origin = served.getStore()
  return origin && (origin.actor ?? actor) === actor ? origin.address : undefined
}
