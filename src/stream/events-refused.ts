/** An event that the log will never take as it is, or that waits behind one of its subject, by its place in the append. */
export interface RefusedEvent {
  index: number
  reason: string
}

/** The log refuses some events of an append for good; all others of it are durable. */
export class EventsRefused extends Error {
  readonly refused: readonly RefusedEvent[]

  constructor(refused: readonly RefusedEvent[]) {
    super(`the log refuses ${refused.length} events: ${refused[0]?.reason}`)
    this.name = 'EventsRefused'
    this.refused = refused
  }
}
