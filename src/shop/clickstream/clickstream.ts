import { isbot } from 'isbot'
import { LRUCache } from 'lru-cache'
import { Compile } from 'typebox/compile'
import type { Clock } from '../../kernel/clock.ts'
import { Refusal } from '../../kernel/errors.ts'
import type { CloudEvent } from '../../kernel/event.ts'
import { newId } from '../../kernel/ids.ts'
import type { Principal } from '../../kernel/principal.ts'
import { userAgentFamily } from '../../kernel/user-agent.ts'
import type { RollUps } from '../../storage/roll-ups.ts'
import type { Log } from '../../stream/stream.ts'
import { clickstreamRejected } from './events-schema.ts'
import { keyOfEvent, type LateEvent, parsedOriginal } from './late-rules.ts'
import { originalOf } from './letter-rules.ts'
import { truncatedIp } from './privacy-rules.ts'
import { REJECTIONS, type Rejection } from './rejection-rules.ts'
import { type Arrival, arrivalText, type EncodedEvent, encodeEvent, eventsOf, visitorOf } from './rules.ts'
import { CLICKSTREAM_TOPIC, ClickstreamEvent, type EventsAnswer, MAX_EVENTS } from './schema.ts'
import { createVisitors } from './visitors.ts'

/** User agents whose family is remembered; what they look like is the same for thousands of requests. */
const KNOWN_USER_AGENTS = 2_000
const MAX_USER_AGENT_LENGTH = 512

export interface ClickstreamRequest {
  /** Parsed JSON. */
  body: unknown
  principal: Principal
  /** Full address; only its truncated form goes on. */
  ip: string
  user_agent: string | undefined
}

export interface ClickstreamOptions {
  log: Pick<Log, 'appendClickstream' | 'appendDeadLetters'>
  rollUps: Pick<RollUps, 'read' | 'range' | 'write'>
  clock: Clock
}

export type Clickstream = ReturnType<typeof createClickstream>

/** The door for what visitors do: judges each event alone and answers when the good ones are durable. */
export function createClickstream({ log, rollUps, clock }: ClickstreamOptions) {
  const validator = Compile(ClickstreamEvent)
  const userAgents = new LRUCache<string, { user_agent: string; is_bot: boolean }>({ max: KNOWN_USER_AGENTS })

  function describeUserAgent(header: string | undefined) {
    const text = header?.slice(0, MAX_USER_AGENT_LENGTH) ?? ''
    let known = userAgents.get(text)
    if (!known) {
      known = { user_agent: userAgentFamily(text), is_bot: isbot(text) }
      userAgents.set(text, known)
    }
    return known
  }

  function whatIsWrongWith(given: unknown): Rejection {
    const [fault] = validator.Errors(given)
    const field = fault?.instancePath || '/'
    return { code: 'invalid_event', message: `${field.slice(0, 100)}: ${fault?.message ?? 'does not fit'}.` }
  }

  function judge(given: unknown, arrival: Arrival, tail: string): EncodedEvent | Rejection {
    return validator.Check(given)
      ? encodeEvent(given, newId('evt', arrival.now), arrival, tail)
      : whatIsWrongWith(given)
  }

  return {
    /** Throws `invalid` for a body that holds no list of events, `unavailable` when nothing can be kept now. */
    async take({ body, principal, ip, user_agent }: ClickstreamRequest): Promise<EventsAnswer> {
      const given = eventsOf(body)
      if (!given) {
        const message = `Send one event, a list of at most ${MAX_EVENTS}, or {"events": […]}.`
        throw new Refusal('invalid', 'bad_event_list', message)
      }
      const arrival: Arrival = {
        now: clock.now(),
        visitor: visitorOf(principal),
        user_id: principal.kind === 'user' ? principal.id : null,
        ...describeUserAgent(user_agent),
        ip: truncatedIp(ip),
      }
      const tail = arrivalText(arrival)
      const good: EncodedEvent[] = []
      const rejected: EventsAnswer['rejected'] = []
      const letters: CloudEvent[] = []
      for (let index = 0; index < given.length; index++) {
        const verdict = judge(given[index], arrival, tail)
        if ('json' in verdict) good.push(verdict)
        else {
          rejected.push({ index, ...verdict })
          letters.push(deadLetter(given[index], verdict, arrival))
        }
      }
      const [verdicts] = await Promise.all([
        good.length > 0 ? log.appendClickstream(good) : [],
        letters.length > 0 ? log.appendDeadLetters(letters) : undefined,
      ])
      const duplicates = verdicts.filter((verdict) => verdict === 'duplicate').length
      return { accepted: verdicts.length - duplicates, duplicates, rejected }
    },

    /**
     * Takes one again that was not taken, as if it came now; its letter's id makes a repeat harmless. Resolves to why it is
     * still not taken, or to null.
     */
    async again({ id, at_ms, original, visitor, user_id }: LateEvent): Promise<Rejection | null> {
      const given = parsedOriginal(original, at_ms)
      const arrival: Arrival = {
        ...{ now: clock.now(), visitor, user_id, ip: null },
        ...describeUserAgent(undefined),
      }
      const verdict = validator.Check(given)
        ? encodeEvent(given, id, arrival, arrivalText(arrival))
        : whatIsWrongWith(given)
      if (!('json' in verdict)) return verdict
      await log.appendClickstream([{ ...verdict, dedup: verdict.dedup ?? { id, at_ms } }])
      return null
    },

    /** Hands an event to the log that the log has refused before, as it was. Resolves as above. */
    async resend(json: string): Promise<Rejection | null> {
      const key = keyOfEvent(json)
      if (key === undefined) return REJECTIONS.cutOff
      await log.appendClickstream([{ key, dedup: null, json }])
      return null
    },

    ...createVisitors({ rollUps }),
  }
}

function deadLetter(given: unknown, rejection: Rejection, arrival: Arrival): CloudEvent {
  const { code, message } = rejection
  const { topic: _, ...letter } = clickstreamRejected.draft({
    id: newId('evt', arrival.now),
    subject: `rejected/${CLICKSTREAM_TOPIC}`,
    key: arrival.visitor ?? 'unknown',
    at: arrival.now,
    actor: arrival.user_id ?? 'system',
    data: {
      topic: CLICKSTREAM_TOPIC,
      code,
      message,
      received_at: new Date(arrival.now).toISOString(),
      ...originalOf(given, rejection, { signed_in: arrival.user_id !== null }),
    },
  })
  return { ...letter, sequence: 0 }
}
