/** An event that was not taken, as its dead letter has it. */
export interface LateEvent {
  /** Of the letter. */
  id: string
  /** When it came, in milliseconds. */
  at_ms: number
  /** JSON as it came, perhaps cut off. */
  original: string
  visitor: string | null
  user_id: string | null
}

/** What came, with its time by the server's clock as it was then: the wait is no skew of the client's. */
export function parsedOriginal(original: string, at_ms: number): unknown {
  const given = parsed(original)
  if (typeof given !== 'object' || given === null || !('sent_at' in given)) return given
  const { sent_at, ...event } = given as { sent_at: unknown; timestamp?: unknown }
  const skew = at_ms - Date.parse(String(sent_at))
  const at = Date.parse(String(event.timestamp)) + skew
  return Number.isNaN(at) ? given : { ...event, timestamp: new Date(at).toISOString() }
}

/** Whose event a CloudEvent's text is; undefined for a text that is none. */
export function keyOfEvent(json: string): string | undefined {
  const event = parsed(json) as { partitionkey?: unknown } | null | undefined
  return typeof event?.partitionkey === 'string' ? event.partitionkey : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
