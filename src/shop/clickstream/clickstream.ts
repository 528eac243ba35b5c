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
import { shownOf } from './letter-rules.ts'
import { truncatedIp } from './privacy-rules.ts'
import type { Rejection } from './rejection-rules.ts'
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

    ...createVisitors({ rollUps }),
  }
}

function deadLetter(given: unknown, { code, message }: Rejection, arrival: Arrival): CloudEvent {
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
      original: shownOf(given),
    },
  })
  return { ...letter, sequence: 0 }
}
