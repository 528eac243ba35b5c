import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../kernel/clock.ts'
import type { Topic } from '../kernel/event.ts'
import type { Logger } from '../kernel/logger.ts'
import type { RollUp, RollUps } from '../storage/roll-ups.ts'
import { conflictOf, MAX_ATTEMPTS, pauseAfterConflict } from './conflicts.ts'
import { consumerLetter, type Poison } from './dead-letters.ts'
import type { Generation } from './generation.ts'
import { isUsed, use } from './shelf.ts'
import type { Log } from './stream.ts'

/** Parked subjects lie beside the roll-ups, one document each; a settled one stays as a note. */
const PARKED = 'parked'
const PAGE = 500

/** A subject that a group does not read on: its events from `offset` on wait in the log. */
export interface Parked {
  group: string
  topic: Topic
  subject: string
  partition: number
  offset: number
  reason: string
  at: string
  settled: boolean
  /** When somebody asked that it is read on. */
  asked?: string
  /** Of one that was read on: its events before this offset were taken then, and are passed by. */
  resumed?: number
}

export interface Parking {
  /** Whether this event waits: it is the one its subject was parked at, or comes behind it. */
  holds(event: { topic: Topic; subject: string; offset: number }): boolean
  /** A copy to the dead letters, then the note; from then on the group passes by this subject. */
  park(poison: Poison): Promise<void>
  /** Asks that a subject is read on; false when it is not parked. */
  ask(topic: Topic, subject: string): Promise<boolean>
  /** What was asked for and is not read on yet. */
  asked(): Parked[]
  /** Writes what became of a parked subject, unless somebody else has changed its note meanwhile. */
  amend(note: Parked, next: Parked): Promise<boolean>
  /** Reads what other nodes have parked. */
  reload(): Promise<void>
  list(): Parked[]
}

interface ParkingOptions {
  group: string
  generation: Generation
  rollUps: Pick<RollUps, 'read' | 'range' | 'write'>
  log: Pick<Log, 'appendDeadLetters'>
  clock: Clock
  logger: Logger
}

/** The parked subjects of one group, as they were read last; writing looks at what is stored now. */
export async function openParking(options: ParkingOptions): Promise<Parking> {
  const { group, generation, rollUps, log, clock, logger } = options
  /** What waits, and what was read on. */
  let waiting = new Map<string, Parked>()
  let looks = 0
  const idOf = ({ topic, subject }: { topic: Topic; subject: string }) =>
    `${generation.key}/${topic}/${subject}`

  const holds: Parking['holds'] = (event) => {
    if (waiting.size === 0) return false
    const note = waiting.get(idOf(event))
    return note !== undefined && note.offset <= event.offset && event.offset < (note.resumed ?? Infinity)
  }

  /** The note as it is stored; another node may have written it. */
  const look = async (id: string): Promise<RollUp | undefined> => {
    const [note] = await rollUps.read(PARKED, [id])
    const body = note?.body as Parked | undefined
    looks += 1
    if (body && counts(body)) waiting.set(id, body)
    else waiting.delete(id)
    return note
  }

  const reload = async () => {
    for (;;) {
      const before = looks
      const notes = await notesOf(rollUps, generation.key)
      // What was parked meanwhile may be missing in what was read.
      if (looks !== before) continue
      waiting = new Map(
        notes.flatMap(({ id, body }) => (counts(body as Parked) ? [[id, body as Parked]] : [])),
      )
      return
    }
  }
  const amend: Parking['amend'] = async (before, next) => {
    const id = idOf(before)
    const note = await look(id)
    if (!note || !isDeepStrictEqual(note.body, before)) return false
    const fence = { writes: (note.fence.writes ?? 0) + 1 }
    const body = JSON.parse(JSON.stringify(next)) as Parked
    if (!(await rollUps.write(PARKED, [{ id, expected: note.fence, fence, body }], []))) return false
    looks += 1
    waiting.set(id, body)
    return true
  }
  // Notes of before there were shelves are found once, at the start.
  const notes = await allNotesOf(rollUps, generation.key)
  if (notes.length > 0) await use(rollUps, shelfOf(generation.key))
  await reload()

  return {
    holds,
    reload,
    list: () => [...waiting.values()].filter(({ settled }) => !settled),
    asked: () => [...waiting.values()].filter(({ settled, asked }) => !settled && asked !== undefined),
    async ask(topic, subject) {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        await look(idOf({ topic, subject }))
        const known = waiting.get(idOf({ topic, subject }))
        if (!known || known.settled) return false
        const asked = new Date(clock.now()).toISOString()
        if (await amend(known, { ...known, asked })) return true
        await pauseAfterConflict(attempt)
      }
      throw conflictOf(`${topic} ${subject}`)
    },
    amend,
    async park(poison) {
      if (holds(poison)) return
      const { topic, subject, partition, offset, reason } = poison
      const id = idOf(poison)
      const now = clock.now()
      const body = { group, topic, subject, partition, offset, reason }
      let letter = false
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const note = await look(id)
        if (holds(poison)) return
        // The letter first: after a crash in between it stands twice, which a reader can see; never not at all.
        if (!letter) await log.appendDeadLetters([consumerLetter(poison, now)])
        if (!letter) await use(rollUps, shelfOf(generation.key))
        letter = true
        const parked: Parked = { ...body, at: new Date(now).toISOString(), settled: false }
        const fence = { writes: (note?.fence.writes ?? 0) + 1 }
        if (await rollUps.write(PARKED, [{ id, expected: note?.fence ?? null, fence, body: parked }], [])) {
          looks += 1
          waiting.set(id, parked)
          logger.error({ group, topic, subject, offset, reason }, 'a consumer parked a subject')
          return
        }
        await pauseAfterConflict(attempt)
      }
      throw conflictOf(`parking ${id}`)
    },
  }
}

/** Settles all that a group parked: it begins again from the start of the log. */
export async function forgetParked(rollUps: Pick<RollUps, 'range' | 'write'>, key: string): Promise<void> {
  for (const { id, fence, body } of await allNotesOf(rollUps, key)) {
    if (!counts(body as Parked)) continue
    const next = { writes: (fence.writes ?? 0) + 1 }
    const { asked: _, resumed: __, ...parked } = body as Parked
    const settled = { ...parked, settled: true }
    await rollUps.write(PARKED, [{ id, expected: fence, fence: next, body: settled }], [])
  }
}

/** The subjects that a group has parked; `key` names its generation. */
export async function parkedBy(rollUps: Pick<RollUps, 'read' | 'range'>, key: string): Promise<Parked[]> {
  return (await notesOf(rollUps, key)).map(({ body }) => body as Parked).filter(({ settled }) => !settled)
}

/** Whether a group still has to look at the note. */
function counts({ settled, resumed }: Parked): boolean {
  return !settled || resumed !== undefined
}

function shelfOf(key: string): string {
  return `${PARKED}/${key}`
}

async function notesOf(rollUps: Pick<RollUps, 'read' | 'range'>, key: string): Promise<RollUp[]> {
  return (await isUsed(rollUps, shelfOf(key))) ? allNotesOf(rollUps, key) : []
}

async function allNotesOf(rollUps: Pick<RollUps, 'range'>, key: string): Promise<RollUp[]> {
  const found: RollUp[] = []
  let from = `${key}/`
  for (;;) {
    // '0' follows '/' in the order of characters.
    const page = await rollUps.range(PARKED, { from, before: `${key}0`, limit: PAGE })
    found.push(...page)
    if (page.length < PAGE) return found
    from = `${page.at(-1)!.id}\u0000`
  }
}
