import type { Clock } from '../kernel/clock.ts'
import type { Topic } from '../kernel/event.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Fence, RollUps } from '../storage/roll-ups.ts'
import { consumerLetter, type Poison } from './dead-letters.ts'
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
}

export interface Parking {
  /** Whether this event waits: it is the one its subject was parked at, or comes behind it. */
  holds(event: { topic: Topic; subject: string; offset: number }): boolean
  /** A copy to the dead letters, then the note; from then on the group passes by this subject. */
  park(poison: Poison): Promise<void>
  settle(parked: Parked): Promise<void>
  list(): Parked[]
}

interface ParkingOptions {
  group: string
  rollUps: Pick<RollUps, 'range' | 'write'>
  log: Pick<Log, 'appendDeadLetters'>
  clock: Clock
  logger: Logger
}

/** The parked subjects of one group; read once, since nobody else parks for it. */
export async function openParking(options: ParkingOptions): Promise<Parking> {
  const { group, rollUps, log, clock, logger } = options
  const notes = new Map<string, { fence: Fence; body: Parked }>()
  for (const note of await notesOf(rollUps, group)) notes.set(note.id, note)
  let waiting = [...notes.values()].filter(({ body }) => !body.settled).length

  const write = async (body: Parked) => {
    const id = idOf(body)
    const expected = notes.get(id)?.fence ?? null
    const fence = { writes: (expected?.writes ?? 0) + 1 }
    if (!(await rollUps.write(PARKED, [{ id, expected, fence, body }], []))) {
      throw new Error(`another reader has the group ${group}`)
    }
    notes.set(id, { fence, body })
    waiting += body.settled ? -1 : 1
  }

  const holds: Parking['holds'] = ({ topic, subject, offset }) => {
    if (waiting === 0) return false
    const note = notes.get(idOf({ group, topic, subject }))?.body
    return note !== undefined && !note.settled && note.offset <= offset
  }

  return {
    holds,
    list: () => [...notes.values()].map(({ body }) => body).filter(({ settled }) => !settled),
    async park(poison) {
      const { topic, subject, partition, offset, reason } = poison
      if (holds(poison)) return
      const now = clock.now()
      // The letter first: after a crash in between it stands twice, which a reader can see; never not at all.
      await log.appendDeadLetters([consumerLetter(poison, now)])
      const at = new Date(now).toISOString()
      await write({ group, topic, subject, partition, offset, reason, at, settled: false })
      logger.error({ group, topic, subject, offset, reason }, 'a consumer parked a subject')
    },
    settle: (parked) => write({ ...parked, settled: true }),
  }
}

/** Settles all that a group parked: it begins again from the start of the log. */
export async function forgetParked(rollUps: Pick<RollUps, 'range' | 'write'>, group: string): Promise<void> {
  for (const { id, fence, body } of await notesOf(rollUps, group)) {
    if (body.settled) continue
    const next = { writes: (fence.writes ?? 0) + 1 }
    await rollUps.write(PARKED, [{ id, expected: fence, fence: next, body: { ...body, settled: true } }], [])
  }
}

/** The subjects that a group has parked. */
export async function parkedBy(rollUps: Pick<RollUps, 'range'>, group: string): Promise<Parked[]> {
  return (await notesOf(rollUps, group)).map(({ body }) => body).filter(({ settled }) => !settled)
}

function idOf({ group, topic, subject }: { group: string; topic: Topic; subject: string }): string {
  return `${group}/${topic}/${subject}`
}

async function notesOf(rollUps: Pick<RollUps, 'range'>, group: string) {
  const found: { id: string; fence: Fence; body: Parked }[] = []
  let from = `${group}/`
  for (;;) {
    // '0' follows '/' in the order of characters.
    const page = await rollUps.range(PARKED, { from, before: `${group}0`, limit: PAGE })
    found.push(...page.map(({ id, fence, body }) => ({ id, fence, body: body as Parked })))
    if (page.length < PAGE) return found
    from = `${page.at(-1)!.id}\u0000`
  }
}
