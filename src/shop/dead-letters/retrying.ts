import type { CloudEvent } from '../../kernel/event.ts'
import { isId } from '../../kernel/ids.ts'
import type { Log } from '../../stream/stream.ts'
import type { Clickstream } from '../clickstream/clickstream.ts'
import type { Gone } from '../users/users.ts'
import { personOf } from './rules.ts'
import { DEAD_LETTERS_TOPIC, type DeadLetter } from './schema.ts'

/** What the stream does for letters. */
export interface Mending {
  /** Asks that a consumer reads on a subject that it has parked; false when it is not parked. */
  readOn(subject: { group: string; topic: DeadLetter['topic']; subject: string }): Promise<boolean>
  /** Subjects, as `topic/subject`, of which events wait because the log refuses one. */
  refused(): Promise<ReadonlySet<string>>
  /** Offers the log what it has refused. */
  release(): Promise<number>
}

interface Needs {
  log: Pick<Log, 'read'>
  clickstream: Pick<Clickstream, 'again' | 'resend'>
  mending: Pick<Mending, 'readOn' | 'release'>
  gone: Pick<Gone, 'accounts'>
}

/** What a retry came to: `later` is told by the stream itself. */
export type Outcome = { result: 'later' | 'taken' } | { result: 'refused'; reason: string }

const NO_VISITOR = 'unknown'
const GONE = 'The person of this event was erased.'
const OUTLINE = 'Only the outline of this event is kept; whoever sent it can send it anew.'

/** Tries again what a letter is about. */
export function createRetrying({ log, clickstream, mending, gone }: Needs) {
  /** The letter in the log; undefined when retention has taken it. */
  async function fetch({ id, partition, offset }: DeadLetter): Promise<CloudEvent | undefined> {
    const [record] = await log.read(DEAD_LETTERS_TOPIC, partition, offset, 1)
    if (record?.offset !== offset) return undefined
    const event = record.event ?? (JSON.parse(record.json) as CloudEvent)
    return event.id === id ? event : undefined
  }

  async function isOfGone(event: CloudEvent): Promise<boolean> {
    const person = personOf(event)
    return person !== undefined && (await gone.accounts([person])).size > 0
  }

  async function original(letter: DeadLetter): Promise<string | null> {
    const event = await fetch(letter)
    if (!event || (await isOfGone(event))) return null
    return (event.data as { original?: string }).original ?? null
  }

  async function takeAgain(letter: DeadLetter): Promise<Outcome> {
    const event = await fetch(letter)
    if (!event) return { result: 'refused', reason: 'The log no longer has this event.' }
    if (await isOfGone(event)) return { result: 'refused', reason: GONE }
    const { original: text, outline } = event.data as { original: string; outline?: boolean }
    if (outline) return { result: 'refused', reason: OUTLINE }
    const late = {
      ...{ id: letter.id, at_ms: Date.parse(event.time), original: text },
      visitor: event.partitionkey === NO_VISITOR ? null : event.partitionkey,
      user_id: isId(event.actor, 'usr') ? event.actor : null,
    }
    const rejection = await (letter.type === 'log_refused'
      ? clickstream.resend(text)
      : clickstream.again(late))
    return rejection === null
      ? { result: 'taken' }
      : { result: 'refused', reason: `${rejection.code}: ${rejection.message}` }
  }

  return {
    original,
    async retry(letter: DeadLetter): Promise<Outcome> {
      const { type, group, topic, subject } = letter
      if (topic === 'ecommerce-clickstream' && type !== 'consumer_rejected') return takeAgain(letter)
      if (type === 'consumer_rejected') await mending.readOn({ group: group!, topic, subject })
      else await mending.release()
      return { result: 'later' }
    },
  }
}
