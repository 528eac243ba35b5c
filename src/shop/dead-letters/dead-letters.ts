import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { removeInSteps } from '../../storage/remove-in-steps.ts'
import type { Position, Storage } from '../../storage/storage.ts'
import type { AppendReaction } from '../../stream/reaction.ts'
import type { Log } from '../../stream/stream.ts'
import type { ParkedSubject } from '../attention/schema.ts'
import type { Clickstream } from '../clickstream/clickstream.ts'
import type { Gone } from '../users/users.ts'
import { deadLetterRetried } from './events-schema.ts'
import { createRetrying, type Mending, type Outcome } from './retrying.ts'
import { letterAt, letterView } from './rules.ts'
import {
  DEAD_LETTERS,
  DEAD_LETTERS_KEPT_MS,
  DEAD_LETTERS_TOPIC,
  type DeadLetter,
  type DeadLetterView,
  shortReason,
} from './schema.ts'

export type { Mending } from './retrying.ts'

export const DEAD_LETTERS_GROUP = DEAD_LETTERS.name
const MAX_ATTEMPTS = 8

export interface DeadLettersOptions {
  storage: Pick<Storage, 'collection'>
  log: Pick<Log, 'read'>
  clickstream: Pick<Clickstream, 'again' | 'resend'>
  mending: Mending
  /** Subjects of the log that a consumer could not read on. */
  parked(): readonly ParkedSubject[]
  gone: Pick<Gone, 'accounts'>
  clock: Clock
}

export interface LetterPage {
  limit: number
  after?: Position
  /** With the event as it came. */
  original: boolean
}

export type DeadLetters = ReturnType<typeof createDeadLetters>

/** What a consumer, the door or the log could not take: an index of the letters in the log, and another try of each. */
export function createDeadLetters(options: DeadLettersOptions) {
  const { storage, log, clickstream, mending, parked, gone, clock } = options
  const letters = storage.collection(DEAD_LETTERS)
  const retrying = createRetrying({ log, clickstream, mending, gone })

  const reaction: AppendReaction = {
    kind: 'append',
    name: DEAD_LETTERS_GROUP,
    topics: [DEAD_LETTERS_TOPIC],
    async handle(events, places) {
      const found = events.flatMap((event, index) => letterAt(event, places[index]!) ?? [])
      if (found.length > 0) await letters.insertMany(found)
    },
  }

  function stateOf(letter: DeadLetter, refused: ReadonlySet<string>): DeadLetterView['state'] {
    const { type, group, topic, subject } = letter
    if (type === 'consumer_rejected') {
      const waits = parked().find(
        (one) => one.group === group && one.topic === topic && one.subject === subject,
      )
      if (!waits) return 'settled'
      return waits.asked === undefined ? 'waiting' : 'asked'
    }
    if (topic === 'ecommerce-clickstream') return letter.taken_at === undefined ? 'waiting' : 'settled'
    return refused.has(`${topic}/${subject}`) ? 'waiting' : 'settled'
  }

  /** Changes a letter's document, whoever else does; `event` tells of it. */
  async function amend(
    id: string,
    change: (letter: DeadLetter, at: string) => DeadLetter,
    actor?: string,
  ): Promise<DeadLetter> {
    for (let attempt = 1; ; attempt++) {
      const letter = await letters.get(id)
      if (!letter) throw new Refusal('not_found', 'dead_letter_not_found', 'There is no such dead letter.')
      const now = clock.now()
      const at = timestamp(now)
      const next = { ...change(letter, at), updated_at: at }
      try {
        return await letters.replace(next, actor === undefined ? [] : [retried(letter, now, actor)])
      } catch (error) {
        if (!isRefusal(error, 'version_moved') || attempt === MAX_ATTEMPTS) throw error
      }
    }
  }

  function settled(letter: DeadLetter, outcome: Outcome, at: string): DeadLetter {
    if (outcome.result === 'taken') return { ...letter, taken_at: at }
    return outcome.result === 'refused' ? { ...letter, reason: shortReason(outcome.reason) } : letter
  }

  return {
    reaction,

    /** Newest first. */
    async list({
      original,
      ...page
    }: LetterPage): Promise<{ items: DeadLetterView[]; next: Position | null }> {
      const found = await letters.list({ index: 'created', order: 'desc', ...page })
      const refused = await mending.refused()
      const items = found.items.map(async (letter) => {
        const text = original ? await retrying.original(letter) : undefined
        return letterView(letter, stateOf(letter, refused), text)
      })
      return { items: await Promise.all(items), next: found.next }
    },

    /**
     * Lets the consumer read on, or the event go through the door again; what was settled stays so. The wish is kept and told
     * before it is followed: after a crash in between it can be repeated.
     */
    async retry(id: string, actor: string): Promise<DeadLetterView> {
      const letter = await amend(id, (before, at) => ({ ...before, retried_at: at }), actor)
      if (stateOf(letter, await mending.refused()) === 'settled') return letterView(letter, 'settled')
      const outcome = await retrying.retry(letter)
      const after =
        outcome.result === 'later' ? letter : await amend(id, (before, at) => settled(before, outcome, at))
      return letterView(after, stateOf(after, await mending.refused()))
    },

    /** Forgets what the log no longer has; says how many. */
    sweep(): Promise<number> {
      return removeInSteps(letters, 'created', timestamp(clock.now() - DEAD_LETTERS_KEPT_MS))
    },
  }
}

function retried({ id, type, topic, group }: DeadLetter, now: number, actor: string) {
  return deadLetterRetried.draft({
    ...{ id: newId('evt', now), subject: `dead_letters/${id}`, key: id, at: now, actor },
    data: { letter_id: id, letter_type: type, topic, ...(group !== undefined && { group }) },
  })
}
